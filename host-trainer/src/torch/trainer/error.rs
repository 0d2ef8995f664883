//! Why training cannot go on, and what to do about it.

use lakshan_core::NotFinite;
use tch::TchError;

use super::super::checkpoint::CheckpointError;
use super::super::device::DeviceError;
use super::super::resnet50::LoadError;
use crate::atomic_file::WriteError;

/// Training cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The starting weights.
    #[error("the starting weights do not fit")]
    Weights(#[from] LoadError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The best network.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A crop.
    #[error("cannot read a face crop")]
    Crop(#[source] std::io::Error),
    /// The memory of the GPU, or of the machine.
    #[error("there is not enough memory for a batch of {batch} pictures of {side} x {side} pixels")]
    OutOfMemory {
        /// Photographs in the batch.
        batch: usize,
        /// Their side.
        side: usize,
        /// What libtorch said.
        source: TchError,
    },
    /// Half precision without a GPU.
    #[error("precision f16 is for GPUs; this run computes on the CPU")]
    HalfOnCpu,
    /// The signs of the data set are others than when the run began.
    #[error("the run learns {saved} signs, but the data set has {found} that enough people show")]
    OtherSigns {
        /// Signs of the checkpoint.
        saved: usize,
        /// Signs of the data set.
        found: usize,
    },
    /// libtorch.
    #[error("libtorch failed")]
    Torch(#[from] TchError),
    /// Too high a learning rate, mostly.
    #[error("the network's output is no longer a finite number")]
    NotFinite {
        /// Which output, in validation.
        #[source]
        source: Option<NotFinite>,
    },
}

impl TrainError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Write(error) | Self::Checkpoint(CheckpointError::Write(error)) if error.is_full() => {
                "free some space, then go on with --resume, or without it if nothing was saved yet; what was saved is intact"
            }
            Self::NotFinite { .. } => "begin again with a lower optimizer.rate, e.g. --set optimizer.rate=2e-4",
            Self::OutOfMemory { batch, side, .. } if *batch > 1 => {
                let smaller = smaller_batch(*batch);
                return Some(format!(
                    "try --batch {smaller}{}; nothing that was saved is lost, but another batch size is another run",
                    if *side > 128 { " or smaller pictures (--image-size)" } else { "" }
                ));
            }
            Self::OutOfMemory { .. } => "one picture at a time is too much: give smaller pictures (--image-size)",
            Self::HalfOnCpu => "take precision = \"auto\": bf16 where the processor multiplies it, else f32",
            Self::OtherSigns { .. } => {
                "people's features were changed since; begin a new run, or one with --set loss.signs=0"
            }
            Self::Device(_) => "--device auto takes what is there",
            Self::Checkpoint(CheckpointError::Network { .. } | CheckpointError::Position { .. }) => {
                "it is not of this run's recipe and program; begin a new run, perhaps with --init-from"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Names what libtorch says about memory.
    pub(super) fn of_batch(error: Self, batch: usize, side: usize) -> Self {
        match error {
            Self::Torch(source) if is_out_of_memory(&source.to_string()) => Self::OutOfMemory { batch, side, source },
            error => error,
        }
    }
}

/// CUDA's words, and those of the CPU's allocator.
fn is_out_of_memory(text: &str) -> bool {
    ["out of memory", "can't allocate memory", "bad_alloc"].iter().any(|words| text.contains(words))
}

/// Three quarters of a batch, in steps that suit the hardware.
fn smaller_batch(batch: usize) -> usize {
    match batch * 3 / 4 {
        smaller @ 16.. => smaller / 8 * 8,
        smaller => smaller.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_memory_answers_with_a_batch_size_to_try() {
        let words = "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory";
        let error = TrainError::of_batch(TchError::Torch(words.into()).into(), 64, 224);
        assert_eq!(error.to_string(), "there is not enough memory for a batch of 64 pictures of 224 x 224 pixels");
        assert!(error.hint().unwrap().starts_with("try --batch 48 or smaller pictures"));
        let other = TrainError::of_batch(TchError::Torch("shapes disagree".into()).into(), 64, 224);
        assert!(matches!(other, TrainError::Torch(_)));
        assert_eq!([128, 32, 16, 2, 1].map(smaller_batch), [96, 24, 12, 1, 1]);
    }
}
