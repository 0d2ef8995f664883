//! Every kernel against a convolution that is written as its definition says.

mod program;

use super::activation::Activation;
use super::{Conv, Geometry, Kernel, Parameters, Range, Residual, Shape, available, peak};

/// Xorshift: the tests need no more.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) as u32) % limit
    }

    fn between(&mut self, lowest: i32, highest: i32) -> i32 {
        lowest + self.below((highest - lowest + 1) as u32) as i32
    }

    /// What the bytes of an output stand for.
    fn output(&mut self) -> Range {
        [Range::Signed, Range::Positive, Range::Unsigned][self.below(3) as usize]
    }
}

/// How the numbers of a case are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Numbers {
    Any,
    /// Inputs 127 or 255, weights 127.
    Largest,
    /// Inputs 127 or 255, weights -127.
    Smallest,
    /// Inputs and weights at either end.
    Ends,
    /// Weights as those of a trained network: mostly small.
    Small,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    geometry: Geometry,
    size: [usize; 2],
    input: Range,
    output: Range,
    residual: Option<Range>,
    numbers: Numbers,
}

struct Drawn {
    input: Activation,
    weights: Vec<i8>,
    bias: Vec<i32>,
    multiplier: Vec<f32>,
    residual: Option<Activation>,
    residual_scale: f32,
    output: Shape,
}

impl Case {
    fn draw(&self, random: &mut Random) -> Drawn {
        let Geometry { inputs, outputs, kernel: [height, width], padding, .. } = self.geometry;
        let largest = if self.input == Range::Positive { 127 } else { 255 };
        let shape = Shape {
            height: self.size[0],
            width: self.size[1],
            channels: inputs,
            border: padding[0].max(padding[1]) + random.below(2) as usize,
        };
        let input = Activation::new(shape, self.input.zero());
        fill(&input, || match self.numbers {
            Numbers::Any | Numbers::Small => random.below(largest + 1) as u8,
            Numbers::Ends => (random.below(2) * largest) as u8,
            Numbers::Largest | Numbers::Smallest => largest as u8,
        });
        let taps = inputs * height * width;
        let mut weight = || match self.numbers {
            Numbers::Any => random.between(-127, 127),
            Numbers::Small => random.between(-40, 40) * random.between(0, 127) / 127,
            Numbers::Ends => random.between(0, 1) * 254 - 127,
            Numbers::Largest => 127,
            Numbers::Smallest => -127,
        } as i8;
        let weights: Vec<i8> = (0..outputs * taps).map(|_| weight()).collect();
        // So that results lie on both sides of the clamps and, often, exactly between two integers.
        let step = 2.0_f32.powi(-(random.between(8, 12) + (taps as f32).log2() as i32 / 2));
        let multiplier = (0..outputs).map(|_| step * (1 + random.below(3)) as f32).collect();
        let [out_height, out_width] = self.geometry.output(self.size[0], self.size[1]).unwrap();
        let output =
            Shape { height: out_height, width: out_width, channels: outputs, border: random.below(2) as usize };
        let residual = self.residual.map(|range| {
            let residual = Activation::new(Shape { border: 1 - output.border, ..output }, 77);
            fill(&residual, || random.between(range.lowest(), range.highest()) as u8);
            residual
        });
        let residual_scale = random.between(1, 99) as f32 / 64.0;
        let bias = (0..outputs).map(|_| random.between(-9999, 9999)).collect();
        Drawn { input, weights, bias, multiplier, residual, residual_scale, output }
    }

    /// The output's bytes by definition.
    fn expected(&self, drawn: &Drawn) -> Vec<u8> {
        let Geometry { inputs, outputs, kernel: [height, width], stride, padding } = self.geometry;
        let zero = self.input.zero();
        let mut bytes = Vec::new();
        for y in 0..drawn.output.height {
            for x in 0..drawn.output.width {
                for output in 0..outputs {
                    let mut sum = drawn.bias[output];
                    for (input, dy, dx) in (0..inputs)
                        .flat_map(|input| (0..height).flat_map(move |dy| (0..width).map(move |dx| (input, dy, dx))))
                    {
                        let value = pixel(
                            &drawn.input,
                            (y * stride[0] + dy) as isize - padding[0] as isize,
                            (x * stride[1] + dx) as isize - padding[1] as isize,
                            input,
                            zero,
                        );
                        let weight = drawn.weights[((output * inputs + input) * height + dy) * width + dx];
                        sum += (i32::from(value) - i32::from(zero)) * i32::from(weight);
                    }
                    let mut value = sum as f32 * drawn.multiplier[output];
                    if let (Some(residual), Some(range)) = (&drawn.residual, self.residual) {
                        let byte = pixel(residual, y as isize, x as isize, output, 0);
                        let residual = if range == Range::Signed { f32::from(byte as i8) } else { f32::from(byte) };
                        value += residual * drawn.residual_scale;
                    }
                    let value = value.round_ties_even();
                    bytes.push(match self.output {
                        Range::Unsigned => value.clamp(0.0, 255.0) as u8,
                        Range::Positive => value.clamp(0.0, 127.0) as u8,
                        _ => value.clamp(-128.0, 127.0) as i8 as u8,
                    });
                }
            }
        }
        bytes
    }

    fn conv(&self, kernel: &'static Kernel, drawn: &Drawn) -> Conv {
        let parameters = Parameters {
            weights: &drawn.weights,
            bias: &drawn.bias,
            multiplier: &drawn.multiplier,
            residual: self.residual.map(|range| Residual { scale: drawn.residual_scale, range }),
            input: self.input,
            output: self.output,
        };
        Conv::new(kernel, self.geometry, *drawn.input.shape(), &parameters).unwrap()
    }

    fn check(&self, kernel: &'static Kernel, threads: usize, drawn: &Drawn, expected: &[u8]) {
        let conv = self.conv(kernel, drawn);
        let output = Activation::new(drawn.output, 201);
        let parts = conv.parts(threads);
        for part in 0..parts.count() {
            // SAFETY: this thread is the only one.
            unsafe { conv.run(parts, part, &drawn.input, drawn.residual.as_ref(), &output) };
        }
        let name = kernel.name;
        for y in 0..drawn.output.height {
            // SAFETY: this thread is the only one.
            let row = unsafe { output.row_mut(y) };
            assert_eq!(row, &expected[y * row.len()..][..row.len()], "{name}, {threads} threads, row {y} of {self:?}");
        }
        // SAFETY: this thread is the only one.
        let border = unsafe { output.row(0, 0..drawn.output.width * drawn.output.border) };
        assert!(border.iter().all(|byte| *byte == 201), "{name} wrote into the border, {self:?}");
    }
}

/// The kernels of this processor, and those that it has in another form.
fn kernels() -> Vec<&'static Kernel> {
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "nothing is added"))]
    let mut kernels = available();
    #[cfg(target_arch = "x86_64")]
    {
        if !kernels.iter().any(|kernel| kernel.name == "avxvnni") {
            eprintln!("skipped: avxvnni as it is encoded for processors without AVX-512; this one does not have it");
        }
        if kernels.iter().any(|kernel| kernel.name == "avx512vnni") {
            kernels.push(&super::avxvnni::ENCODED_FOR_AVX512);
        }
    }
    kernels
}

fn fill(activation: &Activation, mut next: impl FnMut() -> u8) {
    for y in 0..activation.shape().height {
        // SAFETY: this thread is the only one.
        unsafe { activation.row_mut(y) }.fill_with(&mut next);
    }
}

fn pixel(activation: &Activation, y: isize, x: isize, channel: usize, outside: u8) -> u8 {
    let Shape { height, width, channels, .. } = *activation.shape();
    if y < 0 || x < 0 || y as usize >= height || x as usize >= width {
        return outside;
    }
    // SAFETY: this thread is the only one.
    unsafe { activation.row_mut(y as usize)[x as usize * channels + channel] }
}

fn geometry(inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Geometry {
    Geometry { inputs, outputs, kernel: [kernel; 2], stride: [stride; 2], padding: [kernel / 2; 2] }
}

#[test]
fn every_kernel_equals_the_definition() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let channels = [(1, 1), (3, 64), (4, 16), (7, 9), (16, 70), (33, 8), (64, 130), (65, 31)];
    // Miri interprets: a few cases, which look at the same memory.
    let (channels, most) = if cfg!(miri) { (&[(3, 9)][..], 3) } else { (&channels[..], 6) };
    let kinds = [Numbers::Any, Numbers::Largest, Numbers::Smallest, Numbers::Ends, Numbers::Small];
    for &(inputs, outputs) in channels {
        for (kernel, stride, size) in
            [(1, 1, [5, 9]), (1, 2, [7, 6]), (3, 1, [7, 5]), (3, 2, [8, 9]), (7, 2, [11, 13]), (8, 8, [17, 16])]
                .into_iter()
                .take(most)
        {
            for numbers in kinds {
                let mut geometry = geometry(inputs, outputs, kernel, stride);
                if kernel == 8 {
                    geometry.padding = [0; 2];
                }
                let input = [Range::Positive, Range::Unsigned, Range::Picture][random.below(3) as usize];
                let output = random.output();
                let residual = (random.below(2) == 0).then(|| random.output());
                let case = Case { geometry, size, input, output, residual, numbers };
                let drawn = case.draw(&mut random);
                let expected = case.expected(&drawn);
                for kernel in kernels() {
                    case.check(kernel, 1 + random.below(4) as usize, &drawn, &expected);
                }
            }
        }
    }
}

#[test]
fn unequal_sides_and_layers_with_many_weights() {
    let mut random = Random(77);
    let wide = Geometry { inputs: 5, outputs: 20, kernel: [2, 5], stride: [1, 3], padding: [1, 2] };
    let cases = [(wide, [6, 31]), (geometry(2, 3, 1, 1), [40, 60]), (geometry(256, 192, 3, 1), [4, 4])];
    for (geometry, size) in cases.into_iter().take(if cfg!(miri) { 0 } else { cases.len() }) {
        for residual in [None, Some(Range::Positive)] {
            let (input, output) = (Range::Positive, Range::Positive);
            let case = Case { geometry, size, input, output, residual, numbers: Numbers::Small };
            let drawn = case.draw(&mut random);
            let expected = case.expected(&drawn);
            for kernel in kernels() {
                for threads in [1, 2, 5] {
                    case.check(kernel, threads, &drawn, &expected);
                }
            }
        }
    }
}

/// Sizes that are no multiple of a square, with inputs, outputs and sums up to the limits.
#[test]
#[cfg_attr(miri, ignore = "too many multiplications to interpret")]
fn winograd_equals_the_definition() {
    let mut random = Random(0x5DEE_CE66_D1CE_4E5B);
    let kinds = [Numbers::Any, Numbers::Largest, Numbers::Smallest, Numbers::Ends, Numbers::Small];
    let (positive, unsigned) = (Range::Positive, Range::Unsigned);
    // 127 x 127 x 9 x 224 is just below 2^25, and so is 255 x 127 x 9 x 96.
    for (inputs, outputs, size, input) in [
        (32, 32, [18, 17], positive),
        (64, 64, [16, 17], unsigned),
        (96, 128, [18, 15], unsigned),
        (32, 64, [40, 31], positive),
        (224, 32, [15, 15], positive),
    ] {
        for numbers in kinds {
            for padding in [[1, 1], [0, 1], [2, 0]] {
                let geometry = Geometry { padding, ..geometry(inputs, outputs, 3, 1) };
                let case = Case { geometry, size, input, output: random.output(), residual: None, numbers };
                let drawn = case.draw(&mut random);
                let expected = case.expected(&drawn);
                for kernel in kernels() {
                    let is_winograd = case.conv(kernel, &drawn).is_winograd();
                    assert_eq!(is_winograd, kernel.winograd.is_some(), "{} takes another way", kernel.name);
                    case.check(kernel, 1 + random.below(4) as usize, &drawn, &expected);
                }
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too many multiplications to interpret")]
fn sums_that_winograd_cannot_find_again_go_the_plain_way() {
    let mut random = Random(1);
    let case = Case {
        geometry: geometry(256, 64, 3, 1),
        size: [14, 14],
        input: Range::Positive,
        output: Range::Positive,
        residual: None,
        numbers: Numbers::Largest,
    };
    let drawn = case.draw(&mut random);
    let expected = case.expected(&drawn);
    for kernel in kernels() {
        assert!(!case.conv(kernel, &drawn).is_winograd());
        case.check(kernel, 1, &drawn, &expected);
    }
}

#[test]
fn what_is_not_exact_is_refused() {
    let shape = Shape { height: 2, width: 2, channels: 1, border: 0 };
    let refuse_input = |input: Range, weights: &[i8], bias: i32, multiplier: f32, padding: usize| {
        let geometry = Geometry { padding: [padding; 2], ..geometry(1, 1, 1, 1) };
        let parameters = Parameters {
            weights,
            bias: &[bias],
            multiplier: &[multiplier],
            residual: None,
            input,
            output: Range::Positive,
        };
        Conv::new(available()[0], geometry, shape, &parameters).err()
    };
    let refuse =
        |weights: &[i8], bias, multiplier, padding| refuse_input(Range::Positive, weights, bias, multiplier, padding);
    assert_eq!(refuse(&[127], 5, 0.1, 0), None);
    assert_eq!(refuse(&[-128], 5, 0.1, 0), Some("a weight is -128"));
    assert_eq!(refuse(&[127], i32::MAX, 0.1, 0), Some("its sums may not fit 32 bits"));
    assert_eq!(refuse(&[127], 5, 1e9, 0), Some("its sums may not fit 32 bits"));
    assert_eq!(refuse(&[127], 5, f32::NAN, 0), Some("its sums may not fit 32 bits"));
    assert_eq!(refuse(&[127, 1], 5, 0.1, 0), Some("its tensors do not fit each other"));
    assert_eq!(refuse(&[127], 5, 0.1, 1), Some("its padding is wider than its input's border"));
    let stands_for = Some("its bytes stand for what no kernel reads or writes");
    assert_eq!(refuse_input(Range::Signed, &[127], 5, 0.1, 0), stands_for);
    assert_eq!(
        refuse_input(Range::Unsigned, &[127], i32::MAX - 127 * 255, 0.1, 0),
        Some("its sums may not fit 32 bits")
    );
}

#[test]
fn the_peak_is_that_of_the_kernels_instruction() {
    for kernel in available() {
        let peaks = [1, 2].map(|threads| peak(kernel, threads));
        assert_eq!(peaks.map(|peak| peak.is_some()), [kernel.name != "scalar"; 2]);
        // Not how fast: a busy machine that emulates another is a thousand times slower than one that is idle. But a loop that
        // the compiler left out would take no time at all, and pass the upper bound.
        assert!(peaks.iter().flatten().all(|peak| (1e5..1e15).contains(peak)), "{} {peaks:?}", kernel.name);
    }
}

#[test]
fn sums_that_just_fit_16_bits_and_sums_that_just_do_not() {
    let mut random = Random(5);
    for (weights, lanes) in [([64, 65, 64, 65], "fit"), ([65, 65, 64, 65], "do not")] {
        for sign in [1, -1] {
            let geometry = geometry(64, 9, 1, 1);
            let numbers = if sign == 1 { Numbers::Largest } else { Numbers::Smallest };
            let (input, output) = (Range::Positive, Range::Signed);
            let case = Case { geometry, size: [3, 3], input, output, residual: None, numbers };
            let mut drawn = case.draw(&mut random);
            // Taps 8 apart are added in 16 bits by the kernels for ARM, neighbours in pairs of groups by that for AVX2.
            for (at, weight) in drawn.weights.iter_mut().enumerate() {
                *weight = weights[at / 8 % 4] * sign;
            }
            // So that no result is clamped: a lost carry is then seen.
            drawn.multiplier.fill(2.0_f32.powi(-13));
            let expected = case.expected(&drawn);
            for kernel in available() {
                case.check(kernel, 1, &drawn, &expected);
            }
            let clamped = expected.iter().any(|byte| [127, 128].contains(byte));
            assert!(!clamped, "sums that {lanes} fit");
        }
    }
}
