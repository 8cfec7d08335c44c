"""All models of this app, for Django: each room keeps its own."""

from team.conversations.models import Conversation, GroupRequest, Member, Message

__all__ = ["Conversation", "GroupRequest", "Member", "Message"]
