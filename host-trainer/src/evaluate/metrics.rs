//! The figures of a report, from logits and truths. Pure: the same numbers in give the same numbers out.

use lakshan_core::{Logits, Syndrome};
use serde::{Deserialize, Serialize};

use crate::dataset::{Label, NegativeKind};
use crate::evidence::statistics;

/// Fewer subjects than this make a figure "n too small" to be read as one.
pub const MIN_SUBJECTS: usize = 20;

/// What a photograph shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Truth {
    /// One of the twelve.
    Class(Syndrome),
    /// An unaffected person.
    Unaffected,
    /// A person with another condition.
    OtherCondition,
}

impl Truth {
    /// What a data set's label says.
    pub fn of(label: Label) -> Self {
        match label {
            Label::Class(class) => Self::Class(class),
            Label::Negative(NegativeKind::Unaffected) => Self::Unaffected,
            Label::Negative(NegativeKind::OtherCondition) => Self::OtherCondition,
        }
    }

    /// The class, for one of the twelve.
    pub fn class(self) -> Option<Syndrome> {
        match self {
            Self::Class(class) => Some(class),
            Self::Unaffected | Self::OtherCondition => None,
        }
    }
}

/// One photograph (or one subject) and what the network made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Who is on it.
    pub subject: String,
    /// What they have.
    pub truth: Truth,
    /// The network's output.
    pub logits: Logits,
}

/// The photographs of each subject as one: the mean of their logits. In the order of the subjects' first photographs.
pub fn by_subject(photographs: &[Scored]) -> Vec<Scored> {
    let mut places = std::collections::HashMap::new();
    let mut subjects: Vec<(Scored, [f32; Syndrome::COUNT], f32)> = Vec::new();
    for photograph in photographs {
        let place = *places.entry(photograph.subject.as_str()).or_insert_with(|| {
            subjects.push((photograph.clone(), [0.0; Syndrome::COUNT], 0.0));
            subjects.len() - 1
        });
        let (_, sums, count) = &mut subjects[place];
        sums.iter_mut().zip(photograph.logits.values()).for_each(|(sum, value)| *sum += value);
        *count += 1.0;
    }
    let mean = |(mut subject, sums, count): (Scored, [f32; Syndrome::COUNT], f32)| {
        subject.logits = Logits::new(sums.map(|sum| sum / count)).unwrap_or(subject.logits);
        subject
    };
    subjects.into_iter().map(mean).collect()
}

/// A share with its 95 % Wilson interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The share, 0 to 1.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The number of subjects that the interval is for.
    pub subjects: usize,
}

impl Share {
    /// `value` as it was found on `subjects` independent subjects; `None` without any.
    ///
    /// Photographs of one subject are not independent, so the interval never counts photographs.
    pub fn new(value: f64, subjects: usize) -> Option<Self> {
        let (low, high) = statistics::wilson(value, subjects)?;
        Some(Self { value, low, high, subjects })
    }
}

/// The figures of one class, among photographs of the twelve classes only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// Which class.
    pub class: Syndrome,
    /// Subjects of the class.
    pub subjects: usize,
    /// Photographs (or subjects) of the class.
    pub count: usize,
    /// Share of them that were named so; `None`: not measurable.
    pub sensitivity: Option<Share>,
    /// Share of those named so that are so; `None` when none was named so.
    pub ppv: Option<f64>,
    /// Harmonic mean of the two, `2 tp / (2 tp + fp + fn)`; `None` without any of the class.
    pub f1: Option<f64>,
}

/// How well the twelve classes are told apart. Everything is `None` where there is nothing to measure it on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// Photographs (or subjects) of the twelve classes.
    pub count: usize,
    /// Their subjects.
    pub subjects: usize,
    /// Share whose first class is right.
    pub top1: Option<Share>,
    /// Share with the right class among the first three.
    pub top3: Option<Share>,
    /// Mean sensitivity of the classes that have subjects.
    pub balanced_accuracy: Option<f64>,
    /// Mean F1 of the classes that have subjects.
    pub macro_f1: Option<f64>,
    /// How many classes have subjects.
    pub classes_measured: usize,
    /// Figures of each class.
    pub classes: Vec<ClassFigures>,
    /// Row: what it is. Column: what was named. In class order.
    pub confusion: Vec<Vec<usize>>,
}

/// The figures over those of `scored` that are of one of the twelve classes.
pub fn classification(scored: &[Scored]) -> Classification {
    let affected: Vec<(Syndrome, &Scored)> = scored.iter().filter_map(|s| Some((s.truth.class()?, s))).collect();
    let mut confusion = vec![vec![0; Syndrome::COUNT]; Syndrome::COUNT];
    let (mut first, mut among_three) = (0, 0);
    for (class, scored) in &affected {
        let ranked = scored.logits.probabilities(1.0).ranked();
        let named = scored.logits.top();
        confusion[class.index()][named.index()] += 1;
        first += usize::from(named == *class);
        among_three += usize::from(ranked[..3].iter().any(|(other, _)| other == class));
    }
    let subjects_of = |wanted: Option<Syndrome>| {
        let of_class = affected.iter().filter(|(class, _)| wanted.is_none_or(|wanted| wanted == *class));
        subjects(of_class.map(|(_, scored)| *scored))
    };
    let classes: Vec<ClassFigures> = Syndrome::ALL
        .into_iter()
        .map(|class| {
            let count: usize = confusion[class.index()].iter().sum();
            let named: usize = confusion.iter().map(|row| row[class.index()]).sum();
            let right = confusion[class.index()][class.index()] as f64;
            let subjects = subjects_of(Some(class));
            ClassFigures {
                class,
                subjects,
                count,
                sensitivity: Share::new(right / count as f64, subjects),
                ppv: (named > 0).then(|| right / named as f64),
                f1: (count > 0).then(|| 2.0 * right / (count + named) as f64),
            }
        })
        .collect();
    let subjects = subjects_of(None);
    let share = |right: usize| Share::new(right as f64 / affected.len() as f64, subjects);
    Classification {
        count: affected.len(),
        subjects,
        top1: share(first),
        top3: share(among_three),
        balanced_accuracy: statistics::mean(classes.iter().filter_map(|class| Some(class.sensitivity?.value))),
        macro_f1: statistics::mean(classes.iter().filter_map(|class| class.f1)),
        classes_measured: classes.iter().filter(|class| class.count > 0).count(),
        classes,
        confusion,
    }
}

/// How many subjects there are among `scored`.
pub fn subjects<'a>(scored: impl Iterator<Item = &'a Scored>) -> usize {
    scored.map(|scored| scored.subject.as_str()).collect::<std::collections::HashSet<_>>().len()
}

/// Area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half.
/// `None` when either side is empty.
pub fn auroc(positives: &[f32], negatives: &[f32]) -> Option<f64> {
    let scores: Vec<f64> = positives.iter().chain(negatives).copied().map(f64::from).collect();
    let positive: Vec<bool> = (0..scores.len()).map(|at| at < positives.len()).collect();
    statistics::auroc(&scores, &positive)
}

/// Affected against one kind of negatives, by [`Logits::affected_log_odds`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Subjects of that kind.
    pub subjects: usize,
    /// Photographs of that kind.
    pub count: usize,
    /// Area under the ROC curve; `None`: not measurable.
    pub auroc: Option<f64>,
    /// Sensitivity to any of the twelve where 90 % of these negatives are refused; `None`: not measurable.
    pub sensitivity_at_90_specificity: Option<f64>,
}

/// Affected against those negatives that `keep` keeps.
pub fn refusal(scored: &[Scored], keep: impl Fn(Truth) -> bool) -> Refusal {
    let score = |scored: &Scored| scored.logits.affected_log_odds();
    let positives: Vec<f32> = scored.iter().filter(|s| s.truth.class().is_some()).map(score).collect();
    let kept: Vec<&Scored> = scored.iter().filter(|s| s.truth.class().is_none() && keep(s.truth)).collect();
    let negatives: Vec<f32> = kept.iter().copied().map(score).collect();
    let sensitivity = specificity_threshold(&negatives, 0.9)
        .filter(|_| !positives.is_empty())
        .map(|threshold| positives.iter().filter(|score| **score >= threshold).count() as f64 / positives.len() as f64);
    Refusal {
        subjects: subjects(kept.iter().copied()),
        count: kept.len(),
        auroc: auroc(&positives, &negatives),
        sensitivity_at_90_specificity: sensitivity,
    }
}

/// The least threshold that refuses (`score < threshold`) at least `specificity` of `negatives`; `None` without any.
pub fn specificity_threshold(negatives: &[f32], specificity: f64) -> Option<f32> {
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f32::total_cmp);
    let refused = (specificity * sorted.len() as f64).ceil() as usize;
    let last = *sorted.get(refused.checked_sub(1)?)?;
    // Just above the last score that must be refused.
    Some(last.next_up())
}

/// Two networks on the same photographs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parity {
    /// Photographs compared, negatives included.
    pub photographs: usize,
    /// Share of the affected people's photographs for which both name the same of the twelve classes first.
    pub affected_agreement: Option<f64>,
    /// Share of all photographs with the same answer of thirteen: one of the classes, or none of them.
    pub agreement: f64,
    /// Share of the negatives' photographs for which both name the same of the twelve first. No class is right for
    /// these, and the first is often nearly tied with the second: this says how far the logits move, not who errs.
    pub negative_agreement: Option<f64>,
    /// The largest difference of a logit.
    pub largest_logit_difference: f32,
    /// Top-1 of the f32 network less that of the int8 network, in percentage points, on the twelve classes.
    pub top1_loss_points: Option<f64>,
}

/// Compares `float` and `int8`, which hold the same photographs in the same order; `None` when they are empty.
pub fn parity(float: &[Scored], int8: &[Scored]) -> Option<Parity> {
    if float.is_empty() || float.len() != int8.len() {
        return None;
    }
    let pairs = || float.iter().zip(int8);
    let share = |is_counted: &dyn Fn(&Scored) -> bool, answer: &dyn Fn(&Logits) -> Option<Syndrome>| {
        let counted = || pairs().filter(|(a, _)| is_counted(a));
        let same = counted().filter(|(a, b)| answer(&a.logits) == answer(&b.logits)).count();
        (counted().count() > 0).then(|| same as f64 / counted().count() as f64)
    };
    let first = |logits: &Logits| Some(logits.top());
    let difference = |(a, b): (&Scored, &Scored)| {
        let pairs = a.logits.values().iter().zip(b.logits.values());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    };
    let top1 = |scored| classification(scored).top1.map(|share: Share| share.value);
    Some(Parity {
        photographs: float.len(),
        affected_agreement: share(&|photo| photo.truth.class().is_some(), &first),
        agreement: share(&|_| true, &Logits::answer)?,
        negative_agreement: share(&|photo| photo.truth.class().is_none(), &first),
        largest_logit_difference: pairs().map(difference).fold(0.0, f32::max),
        top1_loss_points: top1(float).zip(top1(int8)).map(|(float, int8)| (float - int8) * 100.0),
    })
}

#[cfg(test)]
mod tests;
