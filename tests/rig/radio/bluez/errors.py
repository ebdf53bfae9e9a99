"""BlueZ's errors, by the names and in the words that programs look for."""

from __future__ import annotations

from bumble import att

from tests.rig.radio.bluez.objects import Refused

_PREFIX = "org.bluez.Error."
_NOT_SUPPORTED = "Operation is not supported"
_OF_ATTRIBUTE: dict[int, tuple[str, str]] = {
    att.ErrorCode.READ_NOT_PERMITTED: ("NotPermitted", "Read not permitted"),
    att.ErrorCode.WRITE_NOT_PERMITTED: ("NotPermitted", "Write not permitted"),
    att.ErrorCode.INSUFFICIENT_AUTHENTICATION: ("NotPermitted", "Not paired"),
    att.ErrorCode.INSUFFICIENT_ENCRYPTION: ("NotPermitted", "Not paired"),
    att.ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: ("NotPermitted", "Not paired"),
    att.ErrorCode.INVALID_OFFSET: ("InvalidArguments", "Invalid offset"),
    att.ErrorCode.INVALID_ATTRIBUTE_LENGTH: ("InvalidArguments", "Invalid Length"),
    att.ErrorCode.INSUFFICIENT_AUTHORIZATION: ("NotAuthorized", "Operation Not Authorized"),
    att.ErrorCode.REQUEST_NOT_SUPPORTED: ("NotSupported", _NOT_SUPPORTED),
}


def failed(text: str) -> Refused:
    return Refused(_PREFIX + "Failed", text)


def in_progress() -> Refused:
    return Refused(_PREFIX + "InProgress", "In Progress")


def busy() -> Refused:
    return Refused(_PREFIX + "InProgress", "Operation already in progress")


def not_connected() -> Refused:
    return Refused(_PREFIX + "NotConnected", "Not Connected")


def not_supported() -> Refused:
    return Refused(_PREFIX + "NotSupported", _NOT_SUPPORTED)


def already_exists() -> Refused:
    return Refused(_PREFIX + "AlreadyExists", "Already Exists")


def does_not_exist() -> Refused:
    return Refused(_PREFIX + "DoesNotExist", "Does Not Exist")


def authentication(how: str) -> Refused:
    """`how`: Failed, Canceled, Rejected or Timeout."""
    return Refused(f"{_PREFIX}Authentication{how}", f"Authentication {how}")


def of_attribute(code: int) -> Refused:
    """An ATT error; BlueZ has words of its own for some, and the number for the others."""
    name, text = _OF_ATTRIBUTE.get(code, ("Failed", f"Operation failed with ATT error: 0x{code:02x}"))
    return Refused(_PREFIX + name, text)
