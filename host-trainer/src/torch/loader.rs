//! Batches prepared ahead by other threads: crops are read, varied and resized while the network computes.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use lakshan_core::preprocess::OFFSET;
use rayon::prelude::*;
use tch::{Device, Kind, TchError, Tensor};

use super::augment;
use super::recipe::Views;
use crate::chance::Chance;
use crate::dataset::crops::CropCache;

/// Batches that wait at most.
const QUEUE: usize = 4;

/// One photograph to learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its index in the data set.
    pub photo: usize,
    /// What the network should say: 0 to 11, or 12 for none.
    pub target: i64,
}

/// A batch on the CPU.
#[derive(Debug)]
pub struct Batch {
    /// RGB, `[n, side, side, 3]`.
    pixels: Vec<u8>,
    side: usize,
    /// Targets, `[n]`.
    pub targets: Vec<i64>,
    /// The photographs' indices in the data set, `[n]`.
    pub photos: Vec<usize>,
}

impl Batch {
    /// How many photographs.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Pictures as the network takes them, `[n, 3, side, side]` lying channels-last, and targets, on `device`.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn to_device(&self, device: Device) -> Result<(Tensor, Tensor), TchError> {
        let shape = [self.len() as i64, self.side as i64, self.side as i64, 3];
        // Bytes are moved, not floats: a quarter of the traffic. Pinned memory lets a GPU fetch them by itself.
        let move_over = |tensor: Tensor| match device {
            Device::Cuda(_) => tensor.f_pin_memory(device)?.f_to_device_(device, tensor.kind(), true, false),
            _ => Ok(tensor),
        };
        let pixels = move_over(Tensor::f_from_data_size(&self.pixels, &shape, Kind::Uint8)?)?;
        let targets = move_over(Tensor::f_from_slice(&self.targets)?)?;
        // A permuted view of NHWC *is* channels-last.
        let pictures = pixels.f_to_kind(Kind::Float)?.f_sub_scalar(f64::from(OFFSET))?.f_permute([0, 3, 1, 2])?;
        Ok((pictures, targets))
    }
}

/// How a pass over the examples is cut into batches.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Photographs in a batch.
    pub batch: usize,
    /// Side of the pictures.
    pub side: usize,
    /// Seed and epoch of the order; `None` keeps that of the examples.
    pub order: Option<(u64, u64)>,
    /// Random views; `None` takes the crops as they are.
    pub views: Option<Drawing>,
    /// Batches to leave out at the beginning: they were done before an interruption.
    pub skip: usize,
}

/// Where random views come from.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// What may vary.
    pub views: Views,
    /// Seed of the views.
    pub seed: u64,
    /// New views in each epoch; `None`: the first time that a photograph stands in the pass it is as it is, and any other
    /// time it has a view that is the same in every pass.
    pub epoch: Option<u64>,
}

impl Drawing {
    /// The view of a photograph that stands in the pass for the `time`th time, counted from 0.
    fn view(&self, crop: &[u8], side: usize, photo: usize, time: u64) -> Vec<u8> {
        let key = match (self.epoch, time) {
            (None, 0) => return augment::resize(crop, side),
            (None, time) => vec![self.seed, photo as u64, time],
            (Some(epoch), 0) => vec![self.seed, epoch, photo as u64],
            (Some(epoch), time) => vec![self.seed, epoch, photo as u64, time],
        };
        let purpose = if self.epoch.is_some() { "view" } else { "copy" };
        augment::view(crop, side, &self.views, &mut Chance::new(purpose, &key))
    }
}

impl Plan {
    /// The crops as they are, in order.
    pub fn plain(batch: usize, side: usize) -> Self {
        Self { batch, side, order: None, views: None, skip: 0 }
    }

    /// Batches in a pass over `examples`. Shuffled passes leave out an incomplete last one, whose statistics would be
    /// noisy, unless it is the only one.
    pub fn batches(&self, examples: usize) -> usize {
        match self.order {
            Some(_) => (examples / self.batch).max(1),
            None => examples.div_ceil(self.batch),
        }
    }

    /// The examples in the order of the pass, each with how often its photograph stood there before.
    pub fn arrange(&self, examples: &[Example]) -> Vec<(Example, u64)> {
        let mut times: HashMap<usize, u64> = HashMap::new();
        let numbered = examples.iter().map(|example| {
            let next = times.entry(example.photo).or_default();
            let time = *next;
            *next += 1;
            (*example, time)
        });
        let mut numbered: Vec<_> = numbered.collect();
        if let Some((seed, epoch)) = self.order {
            Chance::new("order", &[seed, epoch]).shuffle(&mut numbered);
        }
        numbered
    }
}

/// A running pass.
#[derive(Debug)]
pub struct Loader {
    batches: Option<Receiver<io::Result<Batch>>>,
    thread: Option<JoinHandle<()>>,
}

impl Loader {
    /// Starts preparing batches. What comes depends on `examples` and `plan` alone, not on threads.
    pub fn start(crops: Arc<CropCache>, examples: &[Example], plan: Plan) -> Self {
        let total = plan.batches(examples.len());
        let examples = plan.arrange(examples);
        let (sender, batches) = sync_channel(QUEUE);
        let thread = std::thread::spawn(move || {
            for chunk in examples.chunks(plan.batch).take(total).skip(plan.skip) {
                // The receiver is gone when the pass was given up.
                if sender.send(prepare(&crops, chunk, &plan)).is_err() {
                    break;
                }
            }
        });
        Self { batches: Some(batches), thread: Some(thread) }
    }
}

impl Iterator for Loader {
    type Item = io::Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.as_ref()?.recv().ok()
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn prepare(crops: &CropCache, examples: &[(Example, u64)], plan: &Plan) -> io::Result<Batch> {
    let pictures: Vec<Vec<u8>> = examples
        .par_iter()
        .map(|(example, time)| {
            let crop = crops.crop(example.photo)?;
            Ok(match &plan.views {
                Some(drawing) => drawing.view(&crop, plan.side, example.photo, *time),
                None => augment::resize(&crop, plan.side),
            })
        })
        .collect::<io::Result<_>>()?;
    let targets = examples.iter().map(|(example, _)| example.target).collect();
    let photos = examples.iter().map(|(example, _)| example.photo).collect();
    Ok(Batch { pixels: pictures.concat(), side: plan.side, targets, photos })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::crops::CROP_BYTES;
    use crate::torch::recipe::Recipe;

    fn pass(plan: Plan) -> Vec<Batch> {
        let folder = tempfile::tempdir().unwrap();
        let crops: Vec<_> = (0..10).map(|value| vec![value * 20; CROP_BYTES]).collect();
        let crops = CropCache::of_crops(&folder.path().join("c.rgb"), &crops).unwrap();
        let examples: Vec<_> = (0..10).map(|photo| Example { photo, target: photo as i64 }).collect();
        Loader::start(Arc::new(crops), &examples, plan).map(Result::unwrap).collect()
    }

    fn random(seed: u64, epoch: u64) -> Plan {
        let views = Drawing { views: Recipe::default().views, seed, epoch: Some(epoch) };
        Plan { batch: 3, side: 32, order: Some((seed, epoch)), views: Some(views), skip: 0 }
    }

    #[test]
    fn a_plain_pass_keeps_order_and_pixels() {
        let batches = pass(Plan::plain(4, 224));
        let targets: Vec<_> = batches.iter().map(|batch| batch.targets.clone()).collect();
        assert_eq!(targets, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
        assert_eq!(batches[2].photos, [8, 9]);
        let (pictures, _) = batches[2].to_device(Device::Cpu).unwrap();
        assert_eq!(pictures.size(), [2, 3, 224, 224]);
        assert_eq!(pictures.double_value(&[1, 2, 100, 7]), 180.0 - 128.0);
    }

    #[test]
    fn a_random_pass_is_the_same_each_time_and_can_begin_later() {
        let whole = pass(random(7, 1));
        assert_eq!(whole.len(), 3);
        let later = pass(Plan { skip: 2, ..random(7, 1) });
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].targets, whole[2].targets);
        assert_eq!(later[0].pixels, whole[2].pixels);
        assert_ne!(pass(random(7, 2))[0].targets, whole[0].targets);
    }

    #[test]
    fn copies_made_once_are_the_same_in_every_epoch_and_the_first_is_the_photograph() {
        let crop: Vec<u8> = (0..CROP_BYTES).map(|at| (at / 3 % 224) as u8).collect();
        let fixed = Drawing { views: Recipe::default().views, seed: 1, epoch: None };
        let view = |drawing: &Drawing, time| drawing.view(&crop, 224, 5, time);
        assert_eq!(view(&fixed, 0), crop);
        assert_eq!(view(&fixed, 1), view(&fixed, 1));
        assert_ne!(view(&fixed, 1), view(&fixed, 2));
        let drawn = Drawing { epoch: Some(3), ..fixed };
        assert_ne!(view(&drawn, 0), view(&drawn, 1), "a photograph that is seen twice is seen differently");
    }
}
