"""The words by which lists call states, kinds and roles, Vietnamese and English."""

from collections.abc import Iterable
from functools import lru_cache

from monitor.model import AccountState
from monitor.roster.listed import AccountKind
from monitor.tables.word_keys import by_word, word_key

STATES = by_word({
    AccountState.ENABLED: (
        "enabled", "active", "open", "on", "hoạt động", "đang hoạt động", "đang sử dụng",
        "sử dụng", "đã cấp", "cấp mới", "khôi phục", "kích hoạt", "đã kích hoạt", "mở",
        "bình thường",
    ),
    AccountState.LOCKED: (
        "locked", "lockout", "disabled", "suspended", "inactive", "maintenance", "pending",
        "khóa", "tạm khóa", "đã khóa", "bị khóa", "tạm dừng", "tạm ngừng", "tạm ngưng",
        "ngừng hoạt động", "không hoạt động", "vô hiệu hóa", "chưa kích hoạt",
    ),
    AccountState.CLOSED: (
        "closed", "deleted", "removed", "revoked", "thu hồi", "đã thu hồi", "hủy", "đã hủy",
        "xóa", "đã xóa", "đóng", "đã đóng", "chấm dứt",
    ),
})  # fmt: skip
KINDS = by_word({
    "personal": ("personal", "user", "cá nhân", "người dùng"),
    "mailbox": (
        "mailbox", "agency", "hotline", "cơ quan", "đơn vị", "tổ chức", "hộp thư cơ quan",
        "hộp thư đơn vị", "đường dây nóng", "hộp thư công vụ của cơ quan",
    ),
    "shared": ("shared", "group", "dùng chung", "nhóm", "hộp thư dùng chung"),
    "system": ("system", "service", "resource", "hệ thống", "dịch vụ", "tài nguyên"),
})  # fmt: skip
ROLES = by_word({
    "leader": ("leader", "lãnh đạo", "quản lý", "lãnh đạo, quản lý", "x", "có", "1", "yes", "true"),
    "staff": (
        "staff", "nhân viên", "chuyên viên", "công chức", "viên chức", "cán bộ", "người lao động",
        "không", "0", "no", "false",
    ),
})  # fmt: skip


@lru_cache(maxsize=1024)
def state_of(text: str) -> AccountState:
    """What a list says of an account; raises ValueError that tells what to do."""
    found = STATES.get(word_key(text))
    if found is None:
        raise ValueError(
            f"“{text[:60]}” is no known state: write enabled, locked or closed, or say what it "
            "means as values.state in the mapping"
        )
    return AccountState(found)


@lru_cache(maxsize=1024)
def kind_of(text: str) -> AccountKind:
    """Whose an account is; raises ValueError that tells what to do."""
    match KINDS.get(word_key(text)):
        case "personal":
            return "personal"
        case "mailbox":
            return "mailbox"
        case "shared":
            return "shared"
        case "system":
            return "system"
    raise ValueError(
        f"“{text[:60]}” is no known kind: write personal, mailbox, shared or system, or say what "
        "it means as values.kind in the mapping"
    )


@lru_cache(maxsize=1024)
def is_leader_role(text: str) -> bool:
    """Of a role, or of a mark in a column for leaders; raises ValueError that tells what to do."""
    found = ROLES.get(word_key(text))
    if found is None:
        raise ValueError(
            f"“{text[:60]}” is no known role: write leader or staff, or say what it means as "
            "values.role in the mapping; posts belong into a column of their own"
        )
    return found == "leader"


class LeaderPosts:
    """Tells leaders by their posts (`accounts.leader_words`)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._beginnings = tuple(f"{word_key(word)} " for word in words)
        self._known: dict[str, bool] = {}

    def __contains__(self, post: str) -> bool:
        """Does it, or one of several posts (`Tỉnh ủy viên, Giám đốc`), begin with such a word?"""
        known = self._known.get(post)
        if known is None:
            parts = post.replace(";", ",").replace(" kiêm ", ",").split(",")
            known = any(f"{word_key(part)} ".startswith(self._beginnings) for part in parts)
            if len(self._known) < 100_000:
                self._known[post] = known
        return known
