//! Where the network computes.
//!
//! The CUDA path (pinned bytes copied while the GPU computes, channels-last, bf16 convolutions over f32 weights, cuDNN's
//! choice of algorithm, TF32 in cuDNN's f32 convolutions, a scaled loss in f16) has never run on a GPU: there was none. It is
//! the same code as the CPU's but for the copies. A run uses one GPU; several are for several runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tch::{Cuda, Device};

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DeviceChoice {
    /// The first CUDA device if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// One CUDA device, by its number.
    Cuda(usize),
}

/// A device that is not there, or a name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not a device's name.
    #[error("'{0}' is no device: auto, cpu, or cuda:N")]
    Unknown(String),
    /// More than one.
    #[error(
        "several devices were asked for ('{0}'), and a run uses one: give each of several runs a GPU of its own; folds \
         (--fold) and points of a sweep (--set) are runs of their own, and `host-trainer runs merge` joins folds"
    )]
    Several(String),
    /// libtorch was built without CUDA, or the driver is missing.
    #[error("cuda:{0} was asked for, but libtorch sees no CUDA device")]
    NoCuda(usize),
    /// Too large a number.
    #[error("cuda:{asked} was asked for, but there are only cuda:0 to cuda:{}", count - 1)]
    NoSuchCuda {
        /// The number asked for.
        asked: usize,
        /// How many there are.
        count: usize,
    },
}

impl DeviceChoice {
    /// The device, if it is there.
    ///
    /// # Errors
    /// When CUDA was asked for by name and is not there; `auto` never fails.
    pub fn resolve(self) -> Result<Device, DeviceError> {
        let count = if Cuda::is_available() { usize::try_from(Cuda::device_count()).unwrap_or(0) } else { 0 };
        match self {
            Self::Auto if count > 0 => Ok(Device::Cuda(0)),
            Self::Auto | Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(asked) if count == 0 => Err(DeviceError::NoCuda(asked)),
            Self::Cuda(asked) if asked >= count => Err(DeviceError::NoSuchCuda { asked, count }),
            Self::Cuda(asked) => Ok(Device::Cuda(asked)),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ if text.contains(',') || text == "all" => Err(DeviceError::Several(text.to_owned())),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| DeviceError::Unknown(text.to_owned())),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = DeviceError;

    fn try_from(text: String) -> Result<Self, DeviceError> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> Self {
        choice.to_string()
    }
}

/// How many threads libtorch computes with.
pub fn threads() -> usize {
    usize::try_from(tch::get_num_threads()).unwrap_or(1)
}

/// Sets how many threads libtorch computes with; all cores unless this is called.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices() {
        for text in ["auto", "cpu", "cuda:3"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!("gpu".parse::<DeviceChoice>(), Err(DeviceError::Unknown("gpu".into())));
        assert!("cuda:x".parse::<DeviceChoice>().is_err());
        let several = "cuda:0,cuda:1".parse::<DeviceChoice>().unwrap_err();
        assert_eq!(several, DeviceError::Several("cuda:0,cuda:1".into()));
        assert!(several.to_string().contains("--fold"));
    }

    #[test]
    fn a_device_that_is_not_there_is_an_error() {
        assert!(DeviceChoice::Auto.resolve().is_ok());
        assert!(DeviceChoice::Cuda(4096).resolve().is_err());
    }
}
