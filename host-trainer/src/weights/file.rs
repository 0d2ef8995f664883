//! A checkpoint as safetensors: named f32 arrays under torchvision's names, and what they mean.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use safetensors::{Dtype, SafeTensors, View};

use crate::atomic_file::{WriteError, write_atomically};

/// An array of `f32`, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its size, outermost first.
    pub shape: Vec<usize>,
    /// Its values.
    pub values: Vec<f32>,
}

/// Which convolution of a down-sampling block has the stride of 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrideOn {
    /// The first 1x1: ResNet v1, as Keras has it.
    First1x1,
    /// The 3x3: "v1.5", as torchvision has it.
    Middle3x3,
}

impl fmt::Display for StrideOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First1x1 => "1x1",
            Self::Middle3x3 => "3x3",
        })
    }
}

impl FromStr for StrideOn {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "1x1" => Ok(Self::First1x1),
            "3x3" => Ok(Self::Middle3x3),
            _ => Err(()),
        }
    }
}

/// What of a ResNet-50 the arrays do not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Architecture {
    /// Where the stride of 2 sits.
    pub stride_on: StrideOn,
    /// Added to the variance in batch normalization.
    pub bn_eps: f64,
}

impl Architecture {
    /// Takes the architecture from the metadata of the file at `path`.
    pub(crate) fn from_metadata(path: &Path, metadata: &BTreeMap<String, String>) -> Result<Self, FileError> {
        let found = |key: &str| metadata.get(key).map(String::as_str);
        let wrong = |key, wanted| FileError::Metadata {
            path: path.to_owned(),
            key,
            found: found(key).map(str::to_owned),
            wanted,
        };
        for (key, wanted) in [(ARCH, RESNET50), (INPUT, RGB_128)] {
            if found(key) != Some(wanted) {
                return Err(wrong(key, wanted));
            }
        }
        let stride_on = found(STRIDE_ON).and_then(|text| text.parse().ok());
        let bn_eps = found(BN_EPS).and_then(|text| text.parse().ok()).filter(|eps: &f64| *eps > 0.0);
        Ok(Self {
            stride_on: stride_on.ok_or_else(|| wrong(STRIDE_ON, "1x1 or 3x3"))?,
            bn_eps: bn_eps.ok_or_else(|| wrong(BN_EPS, "a positive number"))?,
        })
    }
}

/// Keys of the metadata.
const ARCH: &str = "arch";
const STRIDE_ON: &str = "stride_on";
const BN_EPS: &str = "bn_eps";
const INPUT: &str = "input";
/// The only architecture and input that this program trains.
const RESNET50: &str = "resnet50";
const RGB_128: &str = "rgb-128";

/// The weights of a ResNet-50.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// What the arrays do not say.
    pub architecture: Architecture,
    /// Other facts about them, e.g. where they come from.
    pub notes: BTreeMap<String, String>,
    /// The arrays, by torchvision's names.
    pub arrays: BTreeMap<String, Array>,
}

/// A checkpoint that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no safetensors file, or is cut short.
    #[error("{} is not a complete safetensors file", path.display())]
    NotSafetensors {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: safetensors::SafeTensorError,
    },
    /// Arrays of a kind that is not read.
    #[error("{}: array {name} is {dtype:?}; only F32, F16 and BF16 are read", path.display())]
    Dtype {
        /// Which file.
        path: PathBuf,
        /// Which array.
        name: String,
        /// Its type.
        dtype: Dtype,
    },
    /// Metadata that is missing or says that this is another network.
    #[error("{}: metadata '{key}' is {}, not {wanted}", path.display(), found.as_deref().unwrap_or("missing"))]
    Metadata {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// What stands there.
        found: Option<String>,
        /// What should stand there.
        wanted: &'static str,
    },
}

impl Weights {
    /// Reads a checkpoint that this program wrote.
    ///
    /// # Errors
    /// When it cannot be read, or is of another network.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let (mut metadata, arrays) = read_arrays(path)?;
        let architecture = Architecture::from_metadata(path, &metadata)?;
        metadata.retain(|key, _| ![ARCH, INPUT, STRIDE_ON, BN_EPS].contains(&key.as_str()));
        Ok(Self { architecture, notes: metadata, arrays })
    }

    /// Writes the checkpoint, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        write_arrays(path, &self.metadata(), &self.arrays)
    }

    /// The metadata of the file, the architecture among it.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let mut metadata = self.notes.clone();
        metadata.insert(ARCH.into(), RESNET50.into());
        metadata.insert(INPUT.into(), RGB_128.into());
        metadata.insert(STRIDE_ON.into(), self.architecture.stride_on.to_string());
        metadata.insert(BN_EPS.into(), self.architecture.bn_eps.to_string());
        metadata
    }
}

/// Metadata and arrays of a safetensors file.
pub(crate) type Contents = (BTreeMap<String, String>, BTreeMap<String, Array>);

/// Reads metadata and arrays of any safetensors file; integer arrays (torchvision's `num_batches_tracked`) are passed
/// over.
pub(crate) fn read_arrays(path: &Path) -> Result<Contents, FileError> {
    let bytes = fs::read(path).map_err(|source| FileError::Read { path: path.to_owned(), source })?;
    let broken = |source| FileError::NotSafetensors { path: path.to_owned(), source };
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(broken)?;
    let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    let file = SafeTensors::deserialize(&bytes).map_err(broken)?;
    let mut arrays = BTreeMap::new();
    for (name, view) in file.tensors() {
        let values = match view.dtype() {
            Dtype::F32 => view.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
            Dtype::BF16 => view.data().as_chunks().0.iter().map(|bytes| bf16(u16::from_le_bytes(*bytes))).collect(),
            Dtype::F16 => view.data().as_chunks().0.iter().map(|bytes| f16(u16::from_le_bytes(*bytes))).collect(),
            Dtype::I64 | Dtype::I32 => continue,
            dtype => return Err(FileError::Dtype { path: path.to_owned(), name, dtype }),
        };
        arrays.insert(name, Array { shape: view.shape().to_vec(), values });
    }
    Ok((metadata, arrays))
}

/// The value of a bfloat16's bits.
pub(super) fn bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The value of a half-precision number's bits.
pub(super) fn f16(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff) / 1024.0);
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2.0_f32.powi(exponent - 15),
    }
}

/// Writes metadata and arrays, whole or not at all.
pub(crate) fn write_arrays(
    path: &Path,
    metadata: &BTreeMap<String, String>,
    arrays: &BTreeMap<String, Array>,
) -> Result<(), WriteError> {
    write_atomically(path, |file| {
        let metadata: HashMap<String, String> = metadata.clone().into_iter().collect();
        let views = arrays.iter().map(|(name, array)| (name, ArrayView(array)));
        let bytes = safetensors::serialize(views, Some(metadata)).map_err(std::io::Error::other)?;

        file.write_all(&bytes)
    })
}

struct ArrayView<'a>(&'a Array);

impl View for ArrayView<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.0.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.0.values.len() * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> Weights {
        Weights {
            architecture: Architecture { stride_on: StrideOn::First1x1, bn_eps: 0.001 },
            notes: [("source".to_owned(), "a test".to_owned())].into(),
            arrays: [("fc.bias".to_owned(), Array { shape: vec![2], values: vec![1.5, -2.0] })].into(),
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        weights().write(&path).unwrap();
        assert_eq!(Weights::read(&path).unwrap(), weights());
    }

    #[test]
    fn refuses_a_file_cut_short_and_one_of_another_network() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        weights().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(Weights::read(&path), Err(FileError::NotSafetensors { .. })));
        let metadata = [("arch".to_owned(), "vgg16".to_owned())].into();
        write_arrays(&path, &metadata, &weights().arrays).unwrap();
        let error = Weights::read(&path).unwrap_err().to_string();
        assert!(error.ends_with("metadata 'arch' is vgg16, not resnet50"), "{error}");
    }

    #[test]
    fn half_precision_is_read_exactly() {
        for (bits, value) in [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8)] {
            assert_eq!(f16(bits), value);
        }
        assert_eq!(bf16(0xbf80), -1.0);
    }
}
