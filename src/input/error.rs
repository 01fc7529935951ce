//! Why a message was not understood.

/// Why a message, or the rest of it, was not understood. Count it; nothing else is to be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    #[error("the message ends early: {needed} bytes needed, {left} left")]
    Truncated { needed: usize, left: usize },
    #[error("the message has {0} bytes, more than {max}", max = super::compact::LONGEST_MESSAGE)]
    TooLong(usize),
    #[error("version {0} of the format is unknown")]
    Version(u8),
    #[error("message type {0} is unknown")]
    MessageType(i32),
    #[error("record type {0} is unknown")]
    RecordType(u8),
    #[error("a record of type {0} came on a channel that may lose it")]
    Unreliable(u8),
    #[error("event type {0:#010x} is unknown")]
    EventType(u32),
    #[error("device state {0:#010x} is unknown")]
    StateFormat(u32),
    #[error("an event of {0} bytes is smaller than its own header")]
    EventSize(u16),
    #[error("key {0} is unknown")]
    Key(u16),
    #[error("touch phase {0} is outside 1 to 5")]
    TouchPhase(u8),
    #[error("composition phase {0} is outside 1 to 4")]
    CompositionPhase(u8),
    #[error("gamepad control {0} is unknown")]
    GamepadControl(u8),
    #[error("gamepad action {0} is outside 0 to 3")]
    GamepadAction(u8),
    #[error("a number is infinite or none at all")]
    NotFinite,
    #[error("a text is not UTF-8")]
    NotUtf8,
    #[error("more than {max} fingers", max = super::held::MAX_FINGERS)]
    Fingers,
    #[error("more than {max} gamepads", max = super::held::MAX_PADS)]
    Gamepads,
    #[error("the device description is not valid: {0}")]
    Device(String),
}
