//! Features of the frozen stages, computed once and kept in the run's folder, so that training the last stages alone does
//! not compute the first ones in every epoch.
//!
//! ```text
//! RUN/features-NAME.bin   photograph after photograph, view after view: the output of the last frozen stage, NHWC
//! ```

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tch::{Kind, Tensor};

use super::loader::{Drawing, Example, Loader, Plan};
use super::resnet50::{Pass, Resnet50, Stage};
use super::trainer::TrainError;
use crate::atomic_file::{TEMPORARY_PREFIX, WriteError};
use crate::chance::Chance;
use crate::dataset::crops::CropCache;
use crate::progress::Progress;

/// Kept features.
#[derive(Debug)]
pub struct Features {
    file: File,
    path: PathBuf,
    /// One record: `[channels]` before the head, else `[height, width, channels]`.
    shape: Vec<i64>,
    kind: Kind,
    views: usize,
}

/// What is kept.
pub struct Wanted<'a> {
    /// The file.
    pub path: PathBuf,
    /// The frozen network.
    pub network: &'a Resnet50,
    /// The first stage that is trained.
    pub first_trained: Stage,
    /// How it computes.
    pub pass: Pass,
    /// The crops.
    pub crops: &'a Arc<CropCache>,
    /// Whose; record `i` belongs to the `i`th.
    pub examples: &'a [Example],
    /// Random views and how many of each photograph; `None` keeps the crop as it is.
    pub views: Option<(Drawing, usize)>,
    /// Side of the pictures.
    pub side: usize,
    /// Pictures that are computed at a time.
    pub batch: usize,
}

impl Wanted<'_> {
    /// Opens the file, computing it first if it is not there whole. `stop` is asked between batches; if it says so, the
    /// answer is `None`.
    ///
    /// # Errors
    /// When a crop cannot be read, the file not be written, or libtorch fails.
    pub fn open(&self, stop: &dyn Fn() -> bool) -> Result<Option<Features>, TrainError> {
        let (shape, kind) = self.record()?;
        let views = self.views.as_ref().map_or(1, |(_, views)| *views);
        let bytes = record_bytes(&shape, kind) * (views * self.examples.len()) as u64;
        let complete = std::fs::metadata(&self.path).is_ok_and(|facts| facts.len() == bytes);
        if !complete && !self.build(views, bytes, stop)? {
            return Ok(None);
        }
        let file = File::open(&self.path).map_err(TrainError::Crop)?;
        Ok(Some(Features { file, path: self.path.clone(), shape, kind, views }))
    }

    /// Shape and numbers of one record, found with a grey picture.
    fn record(&self) -> Result<(Vec<i64>, Kind), TrainError> {
        let side = self.side as i64;
        let grey = Tensor::f_zeros([1, 3, side, side], (Kind::Float, self.network.device()))?;
        let output = tch::no_grad(|| self.network.until(self.first_trained, &grey, self.pass))?;
        Ok((channels_last(&output)?.size()[1..].to_vec(), output.kind()))
    }

    fn build(&self, views: usize, bytes: u64, stop: &dyn Fn() -> bool) -> Result<bool, TrainError> {
        let wrong = |source| WriteError { path: self.path.clone(), source };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut temporary = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(folder).map_err(wrong)?;
        let title = format!("features of the frozen stages ({:.0} MB)", bytes as f64 / 1e6);
        let progress = Progress::new(title, (views * self.examples.len()) as u64, "views");
        let mut out = BufWriter::new(temporary.as_file_mut());
        // Photograph after photograph, so that a batch may hold several views of one.
        let repeated: Vec<Example> = self.examples.iter().flat_map(|e| std::iter::repeat_n(*e, views)).collect();
        let drawing = self.views.as_ref().map(|(drawing, _)| drawing.clone());
        let plan = Plan { views: drawing, ..Plan::plain(self.batch, self.side) };
        for batch in Loader::start(Arc::clone(self.crops), &repeated, plan) {
            if stop() {
                progress.finish();
                return Ok(false);
            }
            let batch = batch.map_err(TrainError::Crop)?;
            let (pictures, _) = batch.to_device(self.network.device())?;
            let output = tch::no_grad(|| self.network.until(self.first_trained, &pictures, self.pass))?;
            out.write_all(&raw_bytes(&channels_last(&output)?)?).map_err(wrong)?;
            progress.advance(batch.len() as u64);
        }
        out.flush().map_err(wrong)?;
        drop(out);
        progress.finish();
        temporary.as_file().sync_all().map_err(wrong)?;
        temporary.persist(&self.path).map_err(|error| wrong(error.error))?;
        Ok(true)
    }
}

impl Features {
    /// The features of a batch: `[n, channels, height, width]` lying channels-last, or `[n, channels]`. Each of `records` is
    /// a photograph's place among the examples, and the number of its view.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn batch(&self, records: &[(usize, usize)]) -> Result<Tensor, TrainError> {
        let length = record_bytes(&self.shape, self.kind);
        let mut bytes = vec![0_u8; records.len() * length as usize];
        for (target, (place, view)) in bytes.chunks_exact_mut(length as usize).zip(records) {
            let at = (place * self.views + view) as u64 * length;
            self.file.read_exact_at(target, at).map_err(|source| self.unreadable(source))?;
        }
        let shape: Vec<i64> = [records.len() as i64].into_iter().chain(self.shape.iter().copied()).collect();
        let tensor = Tensor::f_from_data_size(&bytes, &shape, self.kind)?;
        Ok(if shape.len() == 4 { tensor.f_permute([0, 3, 1, 2])? } else { tensor })
    }

    /// Which view of `photo` is seen in `epoch`.
    pub fn view(&self, seed: u64, epoch: u64, photo: usize) -> usize {
        Chance::new("kept view", &[seed, epoch, photo as u64]).below(self.views)
    }

    fn unreadable(&self, source: io::Error) -> TrainError {
        TrainError::Crop(io::Error::new(source.kind(), format!("{}: {source}", self.path.display())))
    }
}

fn record_bytes(shape: &[i64], kind: Kind) -> u64 {
    (shape.iter().product::<i64>() as usize * kind.elt_size_in_bytes()) as u64
}

/// `[n, c, h, w]` to `[n, h, w, c]`, which is how it lies in memory; `[n, c]` as it is.
fn channels_last(tensor: &Tensor) -> Result<Tensor, tch::TchError> {
    if tensor.dim() == 4 { tensor.f_permute([0, 2, 3, 1])?.f_contiguous() } else { tensor.f_contiguous() }
}

fn raw_bytes(tensor: &Tensor) -> Result<Vec<u8>, tch::TchError> {
    let tensor = tensor.f_to(tch::Device::Cpu)?;
    let count = tensor.numel();
    let mut bytes = vec![0_u8; count * tensor.kind().elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut bytes, count)?;
    Ok(bytes)
}
