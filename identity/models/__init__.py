from identity.models.people import Membership, Organisation, Person, Session, Site

__all__ = ["Membership", "Organisation", "Person", "Session", "Site"]
