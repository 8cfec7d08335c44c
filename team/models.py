"""All models of this app, for Django: each room keeps its own."""

from team.conversations.models import Conversation, Member, Message

__all__ = ["Conversation", "Member", "Message"]
