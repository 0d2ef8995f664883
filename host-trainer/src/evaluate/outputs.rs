//! Runs a network over the face crops of a split: a checkpoint through libtorch, an ONNX file through the device's engine.

use std::path::PathBuf;

use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, Frame, InputTensor, Logits, NotFinite};
use lakshan_engine::{EngineError, Network};
use rayon::prelude::*;

use super::metrics::{Scored, Truth};
use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, DatasetError, Photo, Split};
use crate::onnx::FoldedNetwork;
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
fn spread(all: &[usize], limit: usize) -> Vec<usize> {
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
