//! PyTorch's own weight files, `.pth` and `.pt`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tch::{Kind, TchError, Tensor};

use super::resnet50::{LoadError, to_array};
use crate::weights::Array;

/// A weight file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// Not a file of tensors by name.
    #[error("{} is no file of tensors by name, as torch.save(model.state_dict()) writes it", path.display())]
    Load {
        /// Which file.
        path: PathBuf,
        /// What libtorch says.
        #[source]
        source: TchError,
    },
    /// A tensor that cannot be copied.
    #[error("cannot copy tensor {name}")]
    Copy {
        /// Which tensor.
        name: String,
        /// Why.
        #[source]
        source: LoadError,
    },
}

/// Reads all floating-point tensors of a state dictionary.
///
/// # Errors
/// When the file is not a state dictionary.
pub fn read(path: &Path) -> Result<BTreeMap<String, Array>, PickleError> {
    let load = |source| PickleError::Load { path: path.to_owned(), source };
    let tensors = Tensor::loadz_multi(path).map_err(load)?;
    let floats = tensors
        .into_iter()
        .filter(|(_, tensor)| matches!(tensor.kind(), Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16));
    floats
        .map(|(name, tensor)| match to_array(&tensor) {
            Ok(array) => Ok((name, array)),
            Err(source) => Err(PickleError::Copy { name, source }),
        })
        .collect()
}
