//! `last.safetensors` of a run: everything that is needed to go on as if nothing had happened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use super::optimizer::Optimizer;
use super::resnet50::{LoadError, Resnet50, to_array, to_tensor};
use crate::atomic_file::WriteError;
use crate::weights::{Architecture, Array, FileError, Weights, read_arrays, write_arrays};

/// How far a run has come. Random numbers depend on seed, epoch and photograph alone, so there is no generator to save.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs done.
    pub epoch: usize,
    /// Batches done of the epoch after them.
    pub batch: usize,
    /// Steps of the optimizer.
    pub steps: u32,
    /// Sums over the batches done of the running epoch.
    pub sums: Sums,
    /// The best score so far.
    pub best: Option<f64>,
    /// Epochs since then.
    pub since_best: usize,
    /// The loss is multiplied by this, in half precision.
    pub loss_scale: Option<f64>,
    /// Steps since that last changed.
    pub steady_steps: u32,
}

/// Sums over a running epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    /// Sum of losses, each times its batch's length.
    pub loss: f64,
    /// Photographs named rightly.
    pub right: u64,
    /// Photographs seen.
    pub seen: u64,
    /// Seconds spent in the network.
    pub seconds: f64,
    /// Seconds spent waiting for pictures.
    pub waited: f64,
}

/// A checkpoint that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The network in it.
    #[error("{} holds no such network", path.display())]
    Network {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: LoadError,
    },
    /// The position in it.
    #[error("{} does not say how far the run had come", path.display())]
    Position {
        /// Which file.
        path: PathBuf,
    },
    /// Not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Not copied from the device.
    #[error(transparent)]
    Copy(#[from] LoadError),
}

/// The metadata key of the position.
const POSITION: &str = "position";

/// Writes network, mean of networks, optimizer and position, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn save(
    path: &Path,
    network: &Resnet50,
    ema: Option<&Resnet50>,
    optimizer: &Optimizer,
    position: &Position,
) -> Result<(), CheckpointError> {
    let weights = network.weights()?;
    let mut metadata = weights.metadata();
    metadata.insert(POSITION.into(), serde_json::to_string(position).expect("plain numbers"));
    let mut arrays: BTreeMap<String, Array> = prefixed("model", weights);
    if let Some(ema) = ema {
        arrays.extend(prefixed("ema", ema.weights()?));
    }
    for (name, tensor) in optimizer.state() {
        arrays.insert(name, to_array(tensor)?);
    }
    Ok(write_arrays(path, &metadata, &arrays)?)
}

fn prefixed(prefix: &str, weights: Weights) -> BTreeMap<String, Array> {
    weights.arrays.into_iter().map(|(name, array)| (format!("{prefix}.{name}"), array)).collect()
}

/// A checkpoint in memory.
#[derive(Debug)]
pub struct Saved {
    path: PathBuf,
    arrays: BTreeMap<String, Array>,
    architecture: Architecture,
    /// How far the run had come.
    pub position: Position,
}

impl Saved {
    /// Reads what [`save`] wrote.
    ///
    /// # Errors
    /// When the file is not whole or not of this kind.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let (metadata, arrays) = read_arrays(path)?;
        let position = metadata.get(POSITION).and_then(|text| serde_json::from_str(text).ok());
        let position = position.ok_or_else(|| CheckpointError::Position { path: path.to_owned() })?;
        let architecture = Architecture::from_metadata(path, &metadata)?;
        Ok(Self { path: path.to_owned(), arrays, architecture, position })
    }

    /// The network (`model`) or the mean of networks (`ema`), if it was saved.
    ///
    /// # Errors
    /// When arrays are missing.
    pub fn network(&self, prefix: &str, device: Device) -> Result<Option<Resnet50>, CheckpointError> {
        let dotted = format!("{prefix}.");
        let arrays: BTreeMap<String, Array> = self
            .arrays
            .iter()
            .filter_map(|(name, array)| Some((name.strip_prefix(&dotted)?.to_owned(), array.clone())))
            .collect();
        if arrays.is_empty() {
            return Ok(None);
        }
        let weights = Weights { architecture: self.architecture, notes: BTreeMap::new(), arrays };
        let network = Resnet50::new(&weights, device);
        network.map(Some).map_err(|source| CheckpointError::Network { path: self.path.clone(), source })
    }

    /// Gives `optimizer` its state back.
    ///
    /// # Errors
    /// When arrays are missing.
    pub fn restore(&self, optimizer: &mut Optimizer, device: Device) -> Result<(), CheckpointError> {
        optimizer
            .restore(self.position.steps, |name, shape| -> Result<Tensor, LoadError> {
                let array = self.arrays.get(name).ok_or_else(|| LoadError::Missing(name.to_owned()))?;
                to_tensor(name, array, shape, device)
            })
            .map_err(|source| CheckpointError::Network { path: self.path.clone(), source })
    }
}
