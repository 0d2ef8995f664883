//! Runs a network over the face crops of a split: a checkpoint through libtorch, an ONNX file through the device's engine.

use std::path::PathBuf;

use lakshan_core::manifest::FileEntry;
use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, Frame, InputTensor, Logits, NotFinite};
use lakshan_engine::{EngineError, Graph, Network};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::metrics::{Scored, Truth};
use crate::atomic_file::write_atomically;
use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, DatasetError, Photo, Split};
use crate::onnx::{FoldError, FoldedNetwork, NoDenseLayer, without_dense};
use crate::progress::Progress;
use crate::torch::folded::{Folded, FoldedError};

/// Crops that libtorch runs at a time.
const BATCH: usize = 4;

/// A network that could not be run over a split.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The split has no photographs.
    #[error("the data set {dataset} has no photographs in its {split} split")]
    EmptySplit {
        /// Name of the data set.
        dataset: String,
        /// Which split.
        split: Split,
    },
    /// None of the split's photographs shows a face.
    #[error("no face was found in any photograph of the {split} split of data set {dataset}")]
    NoFaces {
        /// Name of the data set.
        dataset: String,
        /// Which split.
        split: Split,
    },
    /// A photograph cannot be read, or the crops not be kept.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The kept crop of a photograph cannot be read back.
    #[error("cannot read the crop of {}", photo.display())]
    Crop {
        /// Which photograph.
        photo: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The checkpoint cannot be read or its outputs cannot be kept.
    #[error("cannot read or write {}", path.display())]
    Kept {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The checkpoint is not a network that can be run.
    #[error(transparent)]
    Checkpoint(#[from] FoldError),
    /// libtorch failed.
    #[error(transparent)]
    Torch(#[from] FoldedError),
    /// The engine failed on a photograph.
    #[error("the engine failed on {photo}")]
    Engine {
        /// Which photograph.
        photo: String,
        /// What it said.
        source: EngineError,
    },
    /// The checkpoint gave a logit that is no number.
    #[error("the checkpoint's output for {photo} is unusable")]
    NotFinite {
        /// Which photograph.
        photo: String,
        /// Which class.
        source: NotFinite,
    },
    /// The network has no pooled features.
    #[error(transparent)]
    Features(#[from] NoDenseLayer),
    /// The checkpoint does not have twelve outputs.
    #[error("the checkpoint has {0} classes, expected 12")]
    Classes(usize),
}

/// A photograph and the crop of its face.
pub struct Sample {
    /// The record.
    pub photo: Photo,
    /// The crop.
    pub crop: FaceCrop,
}

/// The crops of a split.
pub struct Samples {
    /// Those whose face was found, in table order.
    pub found: Vec<Sample>,
    /// How many had none, or could not be read.
    pub without_face: usize,
}

impl Sample {
    /// The crops of `split`, or of `limit` photographs spread evenly over it. A photograph that cannot be read is an
    /// error unless `skip_unreadable`.
    ///
    /// # Errors
    /// When the split is empty or a photograph cannot be read.
    pub fn of_split(
        dataset: &Dataset,
        split: Split,
        limit: Option<usize>,
        skip_unreadable: bool,
    ) -> Result<Samples, OutputError> {
        let all = dataset.split(split);
        if all.is_empty() {
            return Err(OutputError::EmptySplit { dataset: dataset.info.name.clone(), split });
        }
        let indices = spread(&all, limit.unwrap_or(all.len()));
        let crops = CropCache::open(dataset, skip_unreadable)?;
        let with_face = indices.iter().copied().filter(|index| crops.has(*index));
        let found = with_face.map(|index| Self::read(dataset, &crops, index)).collect::<Result<Vec<_>, _>>()?;
        if found.is_empty() {
            return Err(OutputError::NoFaces { dataset: dataset.info.name.clone(), split });
        }
        Ok(Samples { without_face: indices.len() - found.len(), found })
    }

    fn read(dataset: &Dataset, crops: &CropCache, index: usize) -> Result<Self, OutputError> {
        let photo = dataset.photos[index].clone();
        let rgb = crops.crop(index).map_err(|source| OutputError::Crop { photo: photo.photo.clone(), source })?;
        let frame = Frame::new(SIZE as u32, SIZE as u32, rgb).expect("a kept crop has its size");
        Ok(Self { photo, crop: FaceCrop::new(frame).expect("a kept crop has its size") })
    }

    fn scored(&self, logits: Logits) -> Scored {
        Scored { subject: self.photo.subject.clone(), truth: Truth::of(self.photo.label), logits }
    }

    fn name(&self) -> String {
        self.photo.photo.display().to_string()
    }
}

/// At most `limit` of `all`, evenly spread, so that every class keeps its share in a table sorted by class.
pub fn spread<T: Copy>(all: &[T], limit: usize) -> Vec<T> {
    let count = limit.min(all.len());
    (0..count).map(|at| all[at * all.len() / count]).collect()
}

/// The outputs of an ONNX network in the device's engine, one crop a thread.
///
/// # Errors
/// When the engine fails.
pub fn by_engine(network: &Network, samples: &[Sample]) -> Result<Vec<Scored>, OutputError> {
    let progress = Progress::new("engine", samples.len() as u64, "crops");
    let outputs = samples.par_iter().map(|sample| {
        let logits = network
            .infer(&InputTensor::from_crop(&sample.crop))
            .map_err(|source| OutputError::Engine { photo: sample.name(), source })?;
        progress.advance(1);
        Ok(sample.scored(logits))
    });
    let outputs = outputs.collect();
    progress.finish();
    outputs
}

/// The pooled features of the network in the ONNX file `bytes`, in the device's engine: what its last layer reads, one row
/// a sample.
///
/// # Errors
/// When the file does not end in a dense layer, or the engine fails.
pub fn features_by_engine(bytes: &[u8], samples: &[Sample]) -> Result<Vec<Vec<f32>>, OutputError> {
    let fault = |photo: &str| {
        let photo = photo.to_owned();
        move |source| OutputError::Engine { photo, source }
    };
    let graph = Graph::from_onnx(&without_dense(bytes)?).map_err(fault("no photograph yet"))?;
    let progress = Progress::new("features", samples.len() as u64, "crops");
    let features = samples.par_iter().map(|sample| {
        let input = InputTensor::from_crop(&sample.crop);
        let mut arrays = graph.run(&[(&[1, 3, SIZE, SIZE], input.values())]).map_err(fault(&sample.name()))?;
        progress.advance(1);
        Ok(arrays.swap_remove(0).values)
    });
    let features = features.collect();
    progress.finish();
    features
}

/// The outputs of a checkpoint in libtorch, BatchNorm folded.
///
/// # Errors
/// When libtorch fails, or the outputs are not twelve finite numbers.
pub fn by_torch(network: &FoldedNetwork, samples: &[Sample]) -> Result<Vec<Scored>, OutputError> {
    if network.dense.outputs != lakshan_core::Syndrome::COUNT {
        return Err(OutputError::Classes(network.dense.outputs));
    }
    let progress = Progress::new("checkpoint", samples.len() as u64, "crops");
    let folded = Folded::new(network)?;
    let mut scored = Vec::with_capacity(samples.len());
    for batch in samples.chunks(BATCH) {
        let tensors: Vec<InputTensor> = batch.iter().map(|sample| InputTensor::from_crop(&sample.crop)).collect();
        for (sample, logits) in batch.iter().zip(folded.logits(&tensors)?) {
            let logits: [f32; 12] = logits.try_into().map_err(|logits: Vec<f32>| OutputError::Classes(logits.len()))?;
            let logits =
                Logits::new(logits).map_err(|source| OutputError::NotFinite { photo: sample.name(), source })?;
            scored.push(sample.scored(logits));
        }
        progress.advance(batch.len() as u64);
    }
    progress.finish();
    Ok(scored)
}

/// The folder of kept outputs inside a data set.
pub const KEPT_FOLDER: &str = ".outputs-v1";

/// A checkpoint's outputs, kept in the data set's folder: in f32 they take minutes, and reports are made again and again.
///
/// ```text
/// DIR/.outputs-v1/KEY.json    the logits; KEY is a hash of the checkpoint and of every crop
/// ```
pub struct FloatOutputs {
    network: FoldedNetwork,
    hash: String,
    folder: PathBuf,
}

impl FloatOutputs {
    /// Reads the checkpoint `path`; outputs are kept under `root`, the data set's folder.
    ///
    /// # Errors
    /// When the checkpoint cannot be read.
    pub fn open(path: &std::path::Path, root: &std::path::Path) -> Result<Self, OutputError> {
        let network = FoldedNetwork::read(path)?;
        let bytes = std::fs::read(path).map_err(|source| OutputError::Kept { path: path.to_owned(), source })?;
        Ok(Self { network, hash: FileEntry::of(&bytes).sha256, folder: root.join(KEPT_FOLDER) })
    }

    /// The outputs for `samples`, computed if they are not kept.
    ///
    /// # Errors
    /// When libtorch fails, or they cannot be kept.
    pub fn of(&self, samples: &[Sample]) -> Result<Vec<Scored>, OutputError> {
        let mut hash = Sha256::new();
        hash.update(&self.hash);
        samples.iter().for_each(|sample| hash.update(sample.crop.frame().rgb()));
        let key: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let path = self.folder.join(format!("{key}.json"));
        let kept = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Vec<[f32; 12]>>(&text).ok());
        let kept: Option<Vec<Logits>> = kept.and_then(|all| all.into_iter().map(|v| Logits::new(v).ok()).collect());
        if let Some(kept) = kept.filter(|kept| kept.len() == samples.len()) {
            return Ok(samples.iter().zip(kept).map(|(sample, logits)| sample.scored(logits)).collect());
        }
        let scored = by_torch(&self.network, samples)?;
        let values: Vec<&[f32; 12]> = scored.iter().map(|scored| scored.logits.values()).collect();
        let fault = |source| OutputError::Kept { path: self.folder.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(fault)?;
        write_atomically(&path, |file| Ok(serde_json::to_writer(file, &values)?))
            .map_err(|error| OutputError::Kept { path: error.path, source: error.source })?;
        Ok(scored)
    }
}

#[cfg(test)]
mod tests {
    use lakshan_core::manifest::{DataKind, Provenance};

    use super::*;
    use crate::dataset::{FORMAT_VERSION, Info};

    #[test]
    fn an_empty_split_is_named() {
        let info = Info {
            format_version: FORMAT_VERSION,
            name: "nobody".into(),
            provenance: Provenance { kind: DataKind::Synthetic, statement: String::new() },
            photographs: None,
            generator: serde_json::Value::Null,
        };
        let dataset = Dataset { root: PathBuf::new(), info, photos: Vec::new() };
        let error = Sample::of_split(&dataset, Split::Test, None, false).err().expect("must be refused");
        assert_eq!(error.to_string(), "the data set nobody has no photographs in its test split");
    }

    #[test]
    fn a_limit_spreads_over_the_split() {
        let all: Vec<usize> = (10..20).collect();
        assert_eq!(spread(&all, 4), [10, 12, 15, 17]);
        assert_eq!(spread(&all, 99), all);
    }
}
