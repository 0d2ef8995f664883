//! Batches prepared ahead by other threads: crops are read, varied and resized while the network computes.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use lakshan_core::preprocess::OFFSET;
use rayon::prelude::*;
use tch::{Device, Kind, TchError, Tensor};

use super::augment;
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
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Photographs in a batch.
    pub batch: usize,
    /// Side of the pictures.
    pub side: usize,
    /// Seed and epoch of the random views and of the order; `None` takes the crops as they are, in order.
    pub random: Option<(u64, u64)>,
    /// Batches to leave out at the beginning: they were done before an interruption.
    pub skip: usize,
}

impl Plan {
    /// Batches in a pass over `examples`. Random passes leave out an incomplete last one, whose statistics would be
    /// noisy, unless it is the only one.
    pub fn batches(&self, examples: usize) -> usize {
        match self.random {
            Some(_) => (examples / self.batch).max(1),
            None => examples.div_ceil(self.batch),
        }
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
    pub fn start(crops: Arc<CropCache>, mut examples: Vec<Example>, plan: Plan) -> Self {
        let total = plan.batches(examples.len());
        if let Some((seed, epoch)) = plan.random {
            Chance::new("order", &[seed, epoch]).shuffle(&mut examples);
        }
        let (sender, batches) = sync_channel(QUEUE);
        let thread = std::thread::spawn(move || {
            for chunk in examples.chunks(plan.batch).take(total).skip(plan.skip) {
                // The receiver is gone when the pass was given up.
                if sender.send(prepare(&crops, chunk, plan)).is_err() {
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

fn prepare(crops: &CropCache, examples: &[Example], plan: Plan) -> io::Result<Batch> {
    let pictures: Vec<Vec<u8>> = examples
        .par_iter()
        .map(|example| {
            let crop = crops.crop(example.photo)?;
            Ok(match plan.random {
                Some((seed, epoch)) => {
                    augment::view(&crop, plan.side, &mut Chance::new("view", &[seed, epoch, example.photo as u64]))
                }
                None => augment::resize(&crop, plan.side),
            })
        })
        .collect::<io::Result<_>>()?;
    let targets = examples.iter().map(|example| example.target).collect();
    Ok(Batch { pixels: pictures.concat(), side: plan.side, targets })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::crops::CROP_BYTES;

    fn pass(plan: Plan) -> Vec<Batch> {
        let folder = tempfile::tempdir().unwrap();
        let crops: Vec<_> = (0..10).map(|value| vec![value * 20; CROP_BYTES]).collect();
        let crops = CropCache::of_crops(&folder.path().join("c.rgb"), &crops).unwrap();
        let examples = (0..10).map(|photo| Example { photo, target: photo as i64 }).collect();
        Loader::start(Arc::new(crops), examples, plan).map(Result::unwrap).collect()
    }

    #[test]
    fn a_plain_pass_keeps_order_and_pixels() {
        let batches = pass(Plan { batch: 4, side: 224, random: None, skip: 0 });
        let targets: Vec<_> = batches.iter().map(|batch| batch.targets.clone()).collect();
        assert_eq!(targets, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
        let (pictures, _) = batches[2].to_device(Device::Cpu).unwrap();
        assert_eq!(pictures.size(), [2, 3, 224, 224]);
        assert_eq!(pictures.double_value(&[1, 2, 100, 7]), 180.0 - 128.0);
    }

    #[test]
    fn a_random_pass_is_the_same_each_time_and_can_begin_later() {
        let plan = Plan { batch: 3, side: 32, random: Some((7, 1)), skip: 0 };
        let whole = pass(plan);
        assert_eq!(whole.len(), 3);
        let later = pass(Plan { skip: 2, ..plan });
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].targets, whole[2].targets);
        assert_eq!(later[0].pixels, whole[2].pixels);
        let other = pass(Plan { random: Some((7, 2)), ..plan });
        assert_ne!(other[0].targets, whole[0].targets);
    }
}
