//! What makes rare classes count: weights in the loss, or photographs that are seen more often.

use lakshan_core::Syndrome;

use super::loader::Example;
use super::loss::NONE_TARGET;
use super::recipe::{Balance, Recipe};

/// What is seen in an epoch: without negatives where the recipe leaves them out, rare classes as often as the commonest
/// where it balances by sampling, and everything once more for each fixed copy.
pub fn epoch_examples(recipe: &Recipe, train: &[Example]) -> Vec<Example> {
    let refuses = recipe.loss.refusal_weight > 0.0;
    let kept: Vec<Example> = train.iter().copied().filter(|e| refuses || e.target != NONE_TARGET).collect();
    let mut seen = kept.clone();
    if recipe.loss.balance == Balance::Sampling {
        let of = |class: usize| kept.iter().copied().filter(move |example| example.target == class as i64);
        let most = (0..Syndrome::COUNT).map(|class| of(class).count()).max().unwrap_or(0);
        for class in 0..Syndrome::COUNT {
            let count = of(class).count();
            seen.extend(of(class).cycle().take(if count > 0 { most - count } else { 0 }));
        }
    }
    let once = seen.clone();
    for _ in 0..recipe.views.fixed_copies {
        seen.extend(&once);
    }
    seen
}

/// Weights in the loss by target: `[13]`, or `[12]` where negatives are left out. The classes count alike however many
/// photographs each has, if the recipe balances so; negatives keep their share of the data, times the recipe's weight.
pub fn class_weights(recipe: &Recipe, train: &[Example]) -> Vec<f32> {
    let mut weights = vec![1.0; Syndrome::COUNT];
    if recipe.loss.balance == Balance::Loss {
        let count = |class: usize| train.iter().filter(|example| example.target == class as i64).count();
        let affected = (0..Syndrome::COUNT).map(count).sum::<usize>() as f32;
        for (class, weight) in weights.iter_mut().enumerate() {
            *weight = affected / (Syndrome::COUNT * count(class).max(1)) as f32;
        }
    }
    if recipe.loss.refusal_weight > 0.0 {
        weights.push(recipe.loss.refusal_weight as f32);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One photograph a class, twelve more of class 3, 100 negatives.
    fn examples() -> Vec<Example> {
        let mut examples: Vec<Example> = (0..12).map(|target| Example { photo: 0, target }).collect();
        examples.extend([Example { photo: 0, target: 3 }; 12]);
        examples.extend([Example { photo: 0, target: NONE_TARGET }; 100]);
        examples
    }

    fn recipe(balance: Balance, refusal_weight: f64) -> Recipe {
        let mut recipe = Recipe::default();
        recipe.loss.balance = balance;
        recipe.loss.refusal_weight = refusal_weight;
        recipe
    }

    #[test]
    fn rare_classes_weigh_more_and_negatives_as_asked() {
        let weights = class_weights(&recipe(Balance::Loss, 0.5), &examples());
        assert_eq!((weights.len(), weights[0], weights[12]), (13, 2.0, 0.5));
        assert!((weights[3] - 2.0 / 13.0).abs() < 1e-6);
        assert_eq!(class_weights(&recipe(Balance::None, 0.0), &examples()), [1.0; 12]);
    }

    #[test]
    fn rare_classes_are_seen_more_often() {
        let count = |seen: &[Example], target| seen.iter().filter(|example| example.target == target).count();
        let seen = epoch_examples(&recipe(Balance::Sampling, 1.0), &examples());
        assert_eq!((count(&seen, 0), count(&seen, 3), count(&seen, NONE_TARGET)), (13, 13, 100));
        let mut recipe = recipe(Balance::None, 0.0);
        recipe.views.fixed_copies = 2;
        let seen = epoch_examples(&recipe, &examples());
        assert_eq!((count(&seen, 0), count(&seen, 3), count(&seen, NONE_TARGET)), (3, 39, 0));
    }
}
