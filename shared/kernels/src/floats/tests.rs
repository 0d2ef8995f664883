//! Every kernel against layers that are written as their definitions say, bit for bit.

use super::program::between_plane;
use super::{Convolution, Depthwise, FloatKernel, FloatProgram, FloatStep, Plane, Window, Work, available};

/// Xorshift: the tests need no more.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as usize % limit
    }

    /// Of either sign, of very different sizes, now and then a zero of either sign: so that rounding shows.
    fn float(&mut self) -> f32 {
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        let size = if self.below(8) == 0 { 0.0 } else { 2.0_f32.powi(self.below(12) as i32 - 6) };
        sign * size * (1.0 + self.below(1 << 20) as f32 / (1 << 20) as f32)
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    fn window(&mut self) -> Window {
        let mut pair = |least: usize, limit: usize| [least + self.below(limit), least + self.below(limit)];
        Window { size: pair(1, 5), stride: pair(1, 3), before: pair(0, 3), after: pair(0, 3) }
    }
}

const PIXEL: Window = Window { size: [1; 2], stride: [1; 2], before: [0; 2], after: [0; 2] };

/// A picture without padding.
#[derive(Clone)]
struct Picture {
    height: usize,
    width: usize,
    channels: usize,
    values: Vec<f32>,
}

impl Picture {
    fn at(&self, y: isize, x: isize, channel: usize) -> f32 {
        let inside = (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x);
        if inside { self.values[(y as usize * self.width + x as usize) * self.channels + channel] } else { 0.0 }
    }

    /// Each output pixel's channels, computed by `sum` from the position of the window's upper left corner.
    fn slide(&self, window: &Window, channels: usize, sum: impl Fn(isize, isize, usize) -> f32) -> Self {
        let [height, width] = window.output(self.height, self.width).unwrap();
        let mut values = Vec::new();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let top = (y * window.stride[0]) as isize - window.before[0] as isize;
            let left = (x * window.stride[1]) as isize - window.before[1] as isize;
            values.extend((0..channels).map(|channel| sum(top, left, channel)));
        }
        Self { height, width, channels, values }
    }

    fn convolution(&self, window: &Window, weights: &[f32], bias: &[f32]) -> Self {
        let taps = window.size[0] * window.size[1];
        self.slide(window, bias.len(), |top, left, output| {
            let mut sum = bias[output];
            for tap in 0..taps {
                for input in 0..self.channels {
                    let (down, across) = (tap / window.size[1], tap % window.size[1]);
                    let value = self.at(top + down as isize, left + across as isize, input);
                    sum = value.mul_add(weights[(output * self.channels + input) * taps + tap], sum);
                }
            }
            sum
        })
    }

    fn depthwise(&self, window: &Window, weights: &[f32], bias: &[f32]) -> Self {
        let taps = window.size[0] * window.size[1];
        self.slide(window, self.channels, |top, left, channel| {
            (0..taps).fold(bias[channel], |sum, tap| {
                let (down, across) = (tap / window.size[1], tap % window.size[1]);
                let value = self.at(top + down as isize, left + across as isize, channel);
                value.mul_add(weights[channel * taps + tap], sum)
            })
        })
    }

    fn max_pool(&self, window: &Window) -> Self {
        self.slide(window, self.channels, |top, left, channel| {
            let taps = (0..window.size[0] * window.size[1]).map(|tap| {
                self.at(top + (tap / window.size[1]) as isize, left + (tap % window.size[1]) as isize, channel)
            });
            taps.reduce(|larger, value| if larger > value { larger } else { value }).unwrap()
        })
    }

    /// Adds a picture with fewer channels.
    fn plus(&self, other: &Self) -> Self {
        let value = |at: usize| {
            let (pixel, channel) = (at / self.channels, at % self.channels);
            let other = if channel < other.channels { other.values[pixel * other.channels + channel] } else { 0.0 };
            self.values[at] + other
        };
        Self { values: (0..self.values.len()).map(value).collect(), ..*self }
    }

    fn relu(&self, relu: bool) -> Self {
        let positive = |value: &f32| if *value > 0.0 || !relu { *value } else { 0.0 };
        Self { values: self.values.iter().map(positive).collect(), ..*self }
    }

    fn plane(&self, kernel: &FloatKernel, border: usize) -> Plane {
        let Self { height, width, channels, .. } = *self;
        Plane { height, width, channels, step: channels.next_multiple_of(kernel.lanes), border }
    }
}

fn assert_same(found: &[f32], expected: &Picture, what: &str) {
    assert_eq!(found.len(), expected.values.len(), "{what}");
    let first = found.iter().zip(&expected.values).position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(first, None, "{what}: {:?} is not {:?}", found[first.unwrap_or(0)], expected.values[first.unwrap_or(0)]);
}

/// A network with every kind of step: convolution, separable convolution with a residual, pool, depthwise alone.
#[test]
fn every_kernel_is_equal_to_the_definition() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let cases = if cfg!(miri) { 6 } else { 100 };
    let mut tried = 0;
    for case in 0..cases {
        let input = Picture {
            height: 5 + random.below(12),
            width: 5 + random.below(12),
            channels: 1 + random.below(5),
            values: Vec::new(),
        };
        let input = Picture { values: random.floats(input.height * input.width * input.channels), ..input };
        let [first, second, alone] = [(); 3].map(|()| random.window());
        // The separable convolution keeps the size, because the first one's result is added to its own.
        let same = Window { size: [3; 2], stride: [1; 2], before: [1; 2], after: [1; 2] };
        let pool = Window { size: [2; 2], stride: [1 + random.below(2); 2], ..PIXEL };
        let relus: [bool; 3] = std::array::from_fn(|_| random.below(2) == 0);
        let narrow = 1 + random.below(40);
        let wide = narrow + random.below(12);

        let weights = random.floats(narrow * input.channels * first.size[0] * first.size[1]);
        let biases = [narrow, narrow, wide, wide, wide].map(|count| random.floats(count));
        let a = input.convolution(&first, &weights, &biases[0]).relu(relus[0]);
        let depthwise_weights = random.floats(narrow * 9);
        let pixel_weights = random.floats(wide * narrow);
        let between = a.depthwise(&same, &depthwise_weights, &biases[1]).relu(relus[1]);
        let b = between.convolution(&PIXEL, &pixel_weights, &biases[2]).plus(&a).relu(relus[2]);
        if pool.output(b.height, b.width).is_none() {
            continue;
        }
        let c = b.max_pool(&pool);
        let alone_weights = random.floats(wide * alone.size[0] * alone.size[1]);
        if alone.output(c.height, c.width).is_none() || second.output(c.height, c.width).is_none() {
            continue;
        }
        let d = c.depthwise(&alone, &alone_weights, &biases[3]).relu(true);
        let second_weights = random.floats(wide * wide * second.size[0] * second.size[1]);
        let e = c.convolution(&second, &second_weights, &biases[4]);

        tried += 1;
        for kernel in available() {
            let planes = vec![
                Plane { step: input.channels, ..input.plane(kernel, first.border()) },
                a.plane(kernel, 1),
                b.plane(kernel, 0),
                c.plane(kernel, alone.border().max(second.border())),
                d.plane(kernel, 1),
                e.plane(kernel, 0),
            ];
            let line = between_plane(b.width, &planes[1]);
            let separable = Depthwise::new(kernel, same, &planes[1], &depthwise_weights, &biases[1], relus[1]).unwrap();
            let conv = |window, plane: &Plane, weights: &[f32], bias: &[f32]| {
                Convolution::new(kernel, window, plane, weights, bias).unwrap()
            };
            let plain = |conv, relu| Work::Conv { depthwise: None, conv, residual: None, relu };
            let works = vec![
                (plain(conv(first, &planes[0], &weights, &biases[0]), relus[0]), 0, 1),
                (
                    Work::Conv {
                        depthwise: Some(separable),
                        conv: conv(PIXEL, &line, &pixel_weights, &biases[2]),
                        residual: Some(1),
                        relu: relus[2],
                    },
                    1,
                    2,
                ),
                (Work::MaxPool(pool), 2, 3),
                (
                    Work::Depthwise(
                        Depthwise::new(kernel, alone, &planes[3], &alone_weights, &biases[3], true).unwrap(),
                    ),
                    3,
                    4,
                ),
                (plain(conv(second, &planes[3], &second_weights, &biases[4]), false), 3, 5),
            ];
            let steps = works.into_iter().map(|(work, from, to)| FloatStep { work, from, to }).collect();
            let program = FloatProgram::new(kernel, steps, vec![2, 4, 5], planes);
            // Twice: the second run finds the memory as the first left it.
            for run in 0..2 {
                let outputs = program.run(&input.values);
                for (output, (expected, step)) in
                    outputs.iter().zip([(&b, "separable"), (&d, "depthwise"), (&e, "conv")])
                {
                    assert_same(output, expected, &format!("case {case}, {}, run {run}, {step}", kernel.name));
                }
            }
        }
    }
    assert!(tried >= cases / 4, "only {tried} cases fit");
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let kernel = available()[0];
    let plane = Plane { height: 4, width: 4, channels: 3, step: 3, border: 0 };
    assert!(Convolution::new(kernel, PIXEL, &plane, &[1.0; 6], &[0.0; 2]).is_ok());
    assert!(Convolution::new(kernel, PIXEL, &plane, &[1.0; 5], &[0.0; 2]).is_err());
    assert!(Convolution::new(kernel, PIXEL, &plane, &[], &[]).is_err());
    let padded = Plane { step: 3_usize.next_multiple_of(kernel.lanes), ..plane };
    assert!(Depthwise::new(kernel, PIXEL, &padded, &[1.0; 3], &[0.0; 3], false).is_ok());
    assert!(Depthwise::new(kernel, PIXEL, &padded, &[1.0; 3], &[0.0; 2], false).is_err());
}
