"""All models of this app, for Django: each room keeps its own."""

from team.conversations.models import Case, Conversation, GroupRequest, Member, Message
from team.files.models import File, Holding, UploadPart

__all__ = ["Case", "Conversation", "File", "GroupRequest", "Holding", "Member", "Message", "UploadPart"]
