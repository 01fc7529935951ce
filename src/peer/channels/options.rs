//! What a data channel is like: W3C's `RTCDataChannelInit`, with the ranges that we take.

/// Channels of one viewer that may exist at once, those of its page included.
pub const MAX_CHANNELS: usize = 32;
/// Of a label, and of a protocol.
pub const MAX_TEXT_BYTES: usize = 256;
/// The largest `id`: browsers negotiate 1024 streams.
pub const MAX_ID: u16 = 1023;

/// How long a message is tried for (RFC 8832, section 5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliability {
    /// Until it has arrived, or the connection ends.
    #[default]
    Reliable,
    /// For so many ms (W3C `maxPacketLifeTime`).
    PacketLifeTime(u16),
    /// So many times after the first (W3C `maxRetransmits`).
    Retransmits(u16),
    /// The page has chosen, and the crate does not tell.
    Unknown,
}

/// A channel as it is opened. `Default` has no label and no protocol, is ordered and reliable, and is announced to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelOptions {
    pub label: String,
    /// The application's own name for what is said on it, none by default.
    pub protocol: String,
    /// Messages arrive in the order they were sent in.
    pub ordered: bool,
    pub reliability: Reliability,
    /// The id, where both sides open the channel by themselves and nobody announces it.
    pub negotiated: Option<u16>,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            label: String::new(),
            protocol: String::new(),
            ordered: true,
            reliability: Reliability::Reliable,
            negotiated: None,
        }
    }
}

/// Why there is no such channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    #[error("bytes of {name} = {bytes} is outside 0 to {MAX_TEXT_BYTES}")]
    TooLong { name: &'static str, bytes: usize },
    #[error("id = {0} is outside 0 to {MAX_ID}")]
    Id(u16),
    #[error("id {0} is that of another data channel")]
    IdInUse(u16),
    #[error("{MAX_CHANNELS} data channels of one viewer are the limit")]
    TooMany,
}

impl ChannelOptions {
    pub fn validate(&self) -> Result<(), OptionsError> {
        for (name, text) in [("label", &self.label), ("protocol", &self.protocol)] {
            if text.len() > MAX_TEXT_BYTES {
                return Err(OptionsError::TooLong { name, bytes: text.len() });
            }
        }
        match self.negotiated {
            Some(id) if id > MAX_ID => Err(OptionsError::Id(id)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_ids_up_to_their_limits_are_taken() {
        let label = "é".repeat(MAX_TEXT_BYTES / 2);
        let mut options = ChannelOptions { label, negotiated: Some(MAX_ID), ..Default::default() };
        assert_eq!(options.validate(), Ok(()));
        options.negotiated = Some(MAX_ID + 1);
        assert_eq!(options.validate(), Err(OptionsError::Id(1024)));
        options.protocol = "p".repeat(MAX_TEXT_BYTES + 1);
        assert_eq!(options.validate().unwrap_err().to_string(), "bytes of protocol = 257 is outside 0 to 256");
    }
}
