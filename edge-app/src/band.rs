//! How much a face resembles a class, in three steps: what a person reads instead of a percentage.

use crate::text::Message;

/// The step that a calibrated probability falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Below [`Band::MODERATE_FROM`].
    Weak,
    /// From [`Band::MODERATE_FROM`].
    Moderate,
    /// From [`Band::STRONG_FROM`].
    Strong,
}

impl Band {
    /// The least probability called moderate: at least as likely as all the other eleven together.
    pub const MODERATE_FROM: f32 = 0.5;
    /// The least probability called strong.
    pub const STRONG_FROM: f32 = 0.8;

    /// The band of a probability among the twelve.
    pub fn of(probability: f32) -> Self {
        if probability >= Self::STRONG_FROM {
            Self::Strong
        } else if probability >= Self::MODERATE_FROM {
            Self::Moderate
        } else {
            Self::Weak
        }
    }

    /// How many of the meter's three bars are filled: 1 to 3.
    pub fn bars(self) -> usize {
        self as usize + 1
    }

    /// Its words.
    pub fn message(self) -> Message {
        match self {
            Self::Weak => Message::BandWeak,
            Self::Moderate => Message::BandModerate,
            Self::Strong => Message::BandStrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_where_they_are_said_to_be() {
        let bands = [0.0, 0.49, 0.5, 0.79, 0.8, 1.0].map(Band::of);
        assert_eq!(bands.map(Band::bars), [1, 1, 2, 2, 3, 3]);
    }
}
