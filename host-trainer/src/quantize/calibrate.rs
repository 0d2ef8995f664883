//! Runs the calibration: gathers statistics, equalises, picks steps, rounds; and compares with f32.

use std::collections::BTreeMap;

use lakshan_core::{FaceCrop, InputTensor, Logits, Syndrome};

use super::equalise::{self, Equalise};
use super::ranges::RangeMethod;
use super::statistics::{ChannelSizes, Histogram};
use super::unsigned::Unsigned;
use super::{INPUT_POINT, Quantization, Step};
use crate::onnx::FoldedNetwork;
use crate::torch::compensate::Compensation;
use crate::torch::folded::{Folded, FoldedError};

/// Crops that are run at a time.
const BATCH: usize = 4;
/// Crops from which channel sizes are taken.
const EQUALISE_CROPS: usize = 64;
/// Crops on which the errors of weights are made up for.
const COMPENSATE_CROPS: usize = 400;

/// A network that was calibrated: the (equalised) weights and their integers.
pub struct Quantized {
    /// What was rounded. Computes the same as the network before, until it is fine-tuned.
    pub network: FoldedNetwork,
    /// The integers.
    pub quantization: Quantization,
}

impl Quantized {
    /// Takes the mean error of each logit on the crops of `reference` off the last layer's bias (empirical bias correction,
    /// Nagel and others 2019). Only there: an error that a layer passes on is no longer its own, and what earlier layers
    /// add to the mean arrives here. The crops must not be those that int8 is then judged on. `done` is told after each.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn correct_bias(&mut self, reference: &Reference, done: impl FnMut(usize)) -> Result<(), FoldedError> {
        let found = reference.rounded(self, done)?;
        let mut errors = vec![0.0_f64; self.network.dense.outputs];
        for (float, int8) in reference.logits.iter().zip(&found) {
            for (error, (float, int8)) in errors.iter_mut().zip(float.iter().zip(int8)) {
                *error += f64::from(float - int8) / found.len() as f64;
            }
        }
        self.quantization.add_to_bias(&self.network.dense.name, &errors);
        for (bias, error) in self.network.dense.bias.iter_mut().zip(&errors) {
            *bias += *error as f32;
        }
        Ok(())
    }
}

/// A network whose activations were seen on crops of the training split.
pub struct Observed {
    network: FoldedNetwork,
    histograms: BTreeMap<String, Histogram>,
    compensation: BTreeMap<String, Compensation>,
}

impl Observed {
    /// Equalises `network` if asked to, and runs it in f32 on `crops`. `done` is told after each crop that was run.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn new(
        mut network: FoldedNetwork,
        crops: &[FaceCrop],
        equalise: Equalise,
        mut done: impl FnMut(usize),
    ) -> Result<Self, FoldedError> {
        if equalise != Equalise::None {
            let mut sizes = BTreeMap::<String, ChannelSizes>::new();
            let folded = Folded::new(&network)?;
            for batch in spread(crops, EQUALISE_CROPS).chunks(BATCH) {
                folded.observe(&tensors(batch.iter().copied()), |point, channels, values| {
                    sizes.entry(point.to_owned()).or_default().add(batch.len(), channels, values);
                })?;
                done(batch.len());
            }
            let sizes = sizes.into_iter().map(|(point, sizes)| (point, sizes.into_values())).collect();
            equalise::equalise(&mut network, &sizes, equalise);
        }
        let folded = Folded::new(&network)?;
        let mut histograms = BTreeMap::<String, Histogram>::new();
        for batch in crops.chunks(BATCH) {
            folded.observe(&tensors(batch), |point, _, values| {
                histograms.entry(point.to_owned()).or_default().add(values);
            })?;
            done(batch.len());
        }
        let mut moments = BTreeMap::new();
        for batch in spread(crops, COMPENSATE_CROPS).chunks(BATCH) {
            folded.add_moments(&tensors(batch.iter().copied()), &mut moments)?;
            done(batch.len());
        }
        let compensation = moments.into_iter().map(|(layer, moments)| Ok((layer, Compensation::new(&moments)?)));
        let compensation = compensation.collect::<Result<_, FoldedError>>()?;
        Ok(Self { network, histograms, compensation })
    }

    /// How many crops [`Observed::new`] will run, for a progress bar.
    pub fn work(crops: usize, equalise: Equalise) -> usize {
        let equalised = if equalise == Equalise::None { 0 } else { crops.min(EQUALISE_CROPS) };
        equalised + crops + crops.min(COMPENSATE_CROPS)
    }

    /// Rounds it at the steps that `ranges` chooses.
    pub fn quantize(&self, ranges: RangeMethod, unsigned: Unsigned) -> Quantized {
        let unsigned = unsigned.points(&self.network);
        let step = |(point, histogram): (&String, &Histogram)| {
            let mut step = Step { scale: 1.0, unsigned: unsigned.contains(point) };
            if point != INPUT_POINT {
                step.scale = ranges.clip(histogram, step.highest() as usize) / step.highest() as f32;
            }
            (point.clone(), step)
        };
        let steps = self.histograms.iter().map(step).collect();
        let quantization = Quantization::new(&self.network, steps, &self.compensation);
        Quantized { network: self.network.clone(), quantization }
    }
}

fn tensors<'a>(crops: impl IntoIterator<Item = &'a FaceCrop>) -> Vec<InputTensor> {
    crops.into_iter().map(InputTensor::from_crop).collect()
}

/// At most `count` crops, evenly spread: a data set is sorted by class, and its beginning is one class only.
fn spread(crops: &[FaceCrop], count: usize) -> Vec<&FaceCrop> {
    let count = count.min(crops.len());
    (0..count).map(|at| &crops[at * crops.len() / count]).collect()
}

/// How far the int8 network is from the f32 one.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Agreement {
    /// Pictures compared.
    pub crops: usize,
    /// Pictures for which both give the same [`Logits::answer`].
    pub same_answer: usize,
    /// The largest difference of a logit.
    pub largest_difference: f32,
    /// Root of the summed squared differences over that of the (centred) f32 logits.
    pub relative_error: f64,
}

impl Agreement {
    /// Share of pictures with the same answer; NaN without pictures.
    pub fn share(&self) -> f64 {
        self.same_answer as f64 / self.crops as f64
    }

    /// Compares logits pairwise: f32 and int8.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a [f32], &'a [f32])>) -> Self {
        let mut agreement = Self::default();
        let (mut error, mut signal) = (0.0_f64, 0.0_f64);
        for (float, int8) in pairs {
            agreement.crops += 1;
            let answers = answer(float).zip(answer(int8));
            agreement.same_answer += usize::from(answers.is_some_and(|(float, int8)| float == int8));
            let mean = float.iter().sum::<f32>() / float.len() as f32;
            for (float, int8) in float.iter().zip(int8) {
                agreement.largest_difference = agreement.largest_difference.max((float - int8).abs());
                error += f64::from(float - int8).powi(2);
                signal += f64::from(float - mean).powi(2);
            }
        }
        agreement.relative_error = (error / signal).sqrt();
        agreement
    }
}

/// The answer of thirteen; `None` for a network that has not twelve finite outputs.
fn answer(values: &[f32]) -> Option<Option<Syndrome>> {
    let logits = Logits::new(values.try_into().ok()?).ok()?;
    Some(logits.answer())
}

/// What f32 says of crops, for int8 to be compared with.
pub struct Reference<'a> {
    crops: &'a [FaceCrop],
    logits: Vec<Vec<f32>>,
}

impl<'a> Reference<'a> {
    /// Runs `crops` through `network`. `done` is told after each crop.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn new(network: &FoldedNetwork, crops: &'a [FaceCrop], done: impl FnMut(usize)) -> Result<Self, FoldedError> {
        Ok(Self { crops, logits: logits(&Folded::new(network)?, crops, done)? })
    }

    /// How many crops.
    pub fn len(&self) -> usize {
        self.crops.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.crops.is_empty()
    }

    /// Runs the same crops through the int8 network, simulated. `done` is told after each crop.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn compare(&self, quantized: &Quantized, done: impl FnMut(usize)) -> Result<Agreement, FoldedError> {
        let found = self.rounded(quantized, done)?;
        Ok(Agreement::of(self.logits.iter().zip(&found).map(|(float, int8)| (float.as_slice(), int8.as_slice()))))
    }

    /// The logits of the same crops in the int8 network, simulated.
    fn rounded(&self, quantized: &Quantized, done: impl FnMut(usize)) -> Result<Vec<Vec<f32>>, FoldedError> {
        logits(&Folded::simulating(&quantized.network, &quantized.quantization)?, self.crops, done)
    }
}

fn logits(network: &Folded, crops: &[FaceCrop], mut done: impl FnMut(usize)) -> Result<Vec<Vec<f32>>, FoldedError> {
    let mut logits = Vec::with_capacity(crops.len());
    for batch in crops.chunks(BATCH) {
        logits.extend(network.logits(&tensors(batch))?);
        done(batch.len());
    }
    Ok(logits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::fold::tests::{crops, toy};

    #[test]
    fn int8_stays_near_f32() {
        let network = toy(8, 2, 12);
        let crops = crops(40);
        let observed = Observed::new(network.clone(), &crops[..16], Equalise::All, |_| ()).unwrap();
        let reference = Reference::new(&network, &crops[16..], |_| ()).unwrap();
        let agreement = reference.compare(&observed.quantize(RangeMethod::MinMax, Unsigned::None), |_| ()).unwrap();
        assert_eq!(agreement.crops, 24);
        assert!(agreement.relative_error < 0.05, "{agreement:?}");
        let unsigned = reference.compare(&observed.quantize(RangeMethod::MinMax, Unsigned::All), |_| ()).unwrap();
        assert!(unsigned.relative_error < agreement.relative_error, "{unsigned:?} against {agreement:?}");
    }

    #[test]
    fn equalising_changes_nothing_in_f32() {
        let network = toy(8, 2, 12);
        let crops = crops(4);
        for which in [Equalise::Stem, Equalise::All] {
            let equalised = Observed::new(network.clone(), &crops, which, |_| ()).unwrap().network;
            assert_ne!(network, equalised);
            let logits = |network| Folded::new(network).unwrap().logits(&tensors(&crops)).unwrap();
            let (before, after) = (logits(&network), logits(&equalised));
            let agreement = Agreement::of(before.iter().zip(&after).map(|(a, b)| (a.as_slice(), b.as_slice())));
            assert!(agreement.relative_error < 1e-4, "{which:?}: {agreement:?}");
        }
    }

    #[test]
    fn a_mean_error_of_the_logits_is_taken_off() {
        let network = toy(8, 2, 12);
        let crops = crops(40);
        let observed = Observed::new(network.clone(), &crops[..16], Equalise::All, |_| ()).unwrap();
        let mut quantized = observed.quantize(RangeMethod::MinMax, Unsigned::None);
        // A fault that every picture has.
        quantized.quantization.add_to_bias(&network.dense.name, &[0.5; 12]);
        let [seen, others] = [&crops[..16], &crops[16..]].map(|crops| Reference::new(&network, crops, |_| ()).unwrap());
        let before = others.compare(&quantized, |_| ()).unwrap();
        quantized.correct_bias(&seen, |_| ()).unwrap();
        let after = others.compare(&quantized, |_| ()).unwrap();
        assert!(after.relative_error < 0.3 * before.relative_error, "{after:?} after {before:?}");
    }

    #[test]
    fn a_part_of_the_crops_is_spread_over_all() {
        let crops = crops(6);
        let part = spread(&crops, 3);
        assert!(part.len() == 3 && *part[1] == crops[2] && *part[2] == crops[4]);
    }

    #[test]
    fn agreement_by_hand() {
        let twelve = |first, second| std::array::from_fn::<f32, 12, _>(|at| if at < 6 { first } else { second });
        let (float, int8) = ([twelve(1.0, 3.0), twelve(2.0, 0.0)], [twelve(1.0, 2.0), twelve(0.0, 1.0)]);
        let pairs = float.iter().zip(&int8).map(|(a, b)| (&a[..], &b[..]));
        let agreement = Agreement::of(pairs);
        assert_eq!((agreement.crops, agreement.same_answer, agreement.largest_difference), (2, 1, 2.0));
        // Six times each: squared errors 0 + 1 + 4 + 1; centred squares 1 + 1 + 1 + 1.
        assert!((agreement.relative_error - 1.5_f64.sqrt()).abs() < 1e-9);
    }
}
