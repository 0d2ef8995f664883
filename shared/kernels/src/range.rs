//! What the bytes of an activation stand for.

/// What a byte of an activation stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// -128 to 127.
    Signed,
    /// 0 to 127, so that two products of a byte and a weight fit 16 bits on every processor.
    Positive,
    /// 0 to 255: half the rounding error. Kernels that add products in 16 bits take longer to read it.
    Unsigned,
    /// A picture: -128 to 127, kept 128 higher.
    Picture,
}

impl Range {
    /// The smallest value.
    pub fn lowest(self) -> i32 {
        match self {
            Self::Signed | Self::Picture => -128,
            Self::Positive | Self::Unsigned => 0,
        }
    }

    /// The largest value.
    pub fn highest(self) -> i32 {
        if self == Self::Unsigned { 255 } else { 127 }
    }

    /// The byte that stands for 0, which a border is made of.
    pub fn zero(self) -> u8 {
        if self == Self::Picture { 128 } else { 0 }
    }

    /// What a byte stands for.
    pub(crate) fn value(self, byte: u8) -> i32 {
        match self {
            Self::Signed => i32::from(byte as i8),
            Self::Positive | Self::Unsigned => i32::from(byte),
            Self::Picture => i32::from(byte) - 128,
        }
    }
}
