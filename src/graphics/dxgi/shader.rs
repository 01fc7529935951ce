//! `compute.hlsl` in the bytecode of shader model 5.0, which both APIs take.

/// Made by `tests/graphics/d3d/bytecode.rs`, which writes a hash of the HLSL into its first line.
const WORDS: &[u32] = include!("../shaders/compute.dxbc.rs");

/// The compute shader, entry `convert`.
pub fn bytecode() -> Vec<u8> {
    WORDS.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a, as the generator has it: `\r` does not count.
    fn hash(text: &str) -> u64 {
        let bytes = text.bytes().filter(|byte| *byte != b'\r');
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    #[test]
    fn the_bytecode_is_that_of_the_committed_hlsl() {
        let hash = format!("{:016x}", hash(include_str!("../shaders/compute.hlsl")));
        let first = include_str!("../shaders/compute.dxbc.rs").lines().next();
        assert!(
            first.is_some_and(|line| line.contains(&hash)),
            "compute.hlsl has changed (its hash is {hash} now): run `tests/windows.sh bytecode`"
        );
        let bytes = bytecode();
        assert_eq!((&bytes[..4], bytes[24..28] == (bytes.len() as u32).to_le_bytes()), (&b"DXBC"[..], true));
    }
}
