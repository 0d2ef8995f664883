//! A convolution with everything that follows it: bias, residual, ReLU, and back to bytes.

use super::activation::{Activation, Shape};
use super::memory::{Shelf, Weights};
use super::range::Range;
use super::tile::{Groups, Kernel, Packed, Tile};
use super::winograd::{Finish, Winograd};

/// Pixels that are worked on before their offsets are computed anew.
const CHUNK: usize = 1024;
/// Sums times multiplier must stay below this, so that every kernel converts them to integers alike.
const LARGEST_VALUE: f64 = (1 << 30) as f64;
/// Weights of a layer that are read once, with all pixels at hand, and not once for each block of pixels.
const MANY_WEIGHT_BYTES: usize = 160 << 10;
/// Input bytes of a block of pixels, for layers with fewer weights.
const BLOCK_BYTES: usize = 24 << 10;

/// A convolution's size. Height before width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Taps.
    pub kernel: [usize; 2],
    /// Pixels from one output's first tap to the next.
    pub stride: [usize; 2],
    /// Pixels of padding, on both sides alike.
    pub padding: [usize; 2],
}

impl Geometry {
    /// Height and width of the output; `None` when the kernel is larger than the padded input.
    pub fn output(&self, height: usize, width: usize) -> Option<[usize; 2]> {
        let size = |axis: usize, size: usize| {
            Some((size + 2 * self.padding[axis]).checked_sub(self.kernel[axis])? / self.stride[axis] + 1)
        };
        Some([size(0, height)?, size(1, width)?])
    }

    /// Bytes of the weights for a kernel that works on `channels` outputs at a time. A kernel may take some more: that for AVX2
    /// has groups twice whose products must not be added in 16 bits.
    pub fn packed(&self, channels: usize) -> usize {
        let row = (self.kernel[1] * self.inputs).next_multiple_of(4);
        self.outputs.next_multiple_of(channels) * self.kernel[0] * row
    }

    /// Multiplications for each output pixel.
    pub fn macs_per_pixel(&self) -> usize {
        self.inputs * self.outputs * self.kernel[0] * self.kernel[1]
    }
}

/// A convolution's numbers, as the file has them.
pub struct Parameters<'a> {
    /// Outputs x inputs x kernel height x kernel width, each -127 to 127.
    pub weights: &'a [i8],
    /// One for each output.
    pub bias: &'a [i32],
    /// From sums to steps of the output, one for each output.
    pub multiplier: &'a [f32],
    /// What is added, if anything.
    pub residual: Option<Residual>,
    /// What the input's bytes stand for; not [`Range::Signed`].
    pub input: Range,
    /// What the output's bytes stand for; not [`Range::Picture`]. Results beyond it are clamped: all but
    /// [`Range::Signed`] make negative ones 0.
    pub output: Range,
}

/// An activation that is added to a convolution's sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// From its steps to steps of the output.
    pub scale: f32,
    /// What its bytes stand for; not [`Range::Picture`].
    pub range: Range,
}

/// A convolution that is ready to run.
pub struct Conv {
    kernel: &'static Kernel,
    geometry: Geometry,
    input: Shape,
    /// All but the weights, which are taken out.
    packed: Packed,
    weights: Weights,
    /// In place of `packed` and `weights`, where that is faster.
    winograd: Option<Winograd>,
    bias: Vec<i32>,
    multiplier: Vec<f32>,
    residual: Option<Residual>,
    range: Range,
    /// See [`Tile::flip`].
    flip: u8,
}

impl Conv {
    /// Packs the weights for input of shape `input`, whose border is at least as wide as the padding.
    ///
    /// # Errors
    /// In words, when the numbers do not fit the kernels' arithmetic or each other.
    pub fn new(
        kernel: &'static Kernel,
        geometry: Geometry,
        input: Shape,
        parameters: &Parameters,
    ) -> Result<Self, &'static str> {
        let Geometry { inputs, outputs, kernel: [height, width], .. } = geometry;
        let taps = inputs * height * width;
        let lengths = [parameters.weights.len(), parameters.bias.len(), parameters.multiplier.len()];
        if lengths != [outputs * taps, outputs, outputs] || inputs != input.channels || outputs == 0 || taps == 0 {
            return Err("its tensors do not fit each other");
        }
        if geometry.padding.iter().any(|padding| *padding > input.border) {
            return Err("its padding is wider than its input's border");
        }
        if geometry.output(input.height, input.width).is_none() || geometry.stride.contains(&0) {
            return Err("its kernel is larger than its input");
        }
        if input.bytes() > u32::MAX as usize {
            return Err("its input is too large");
        }
        let residual = parameters.residual.map(|residual| residual.range);
        if parameters.input == Range::Signed || [Some(parameters.output), residual].contains(&Some(Range::Picture)) {
            return Err("its bytes stand for what no kernel reads or writes");
        }
        check(parameters, taps)?;
        let padded = outputs.next_multiple_of(kernel.channels);
        let mut conv = Self {
            kernel,
            geometry,
            input,
            packed: Packed::default(),
            weights: Weights::default(),
            winograd: winograd(kernel, &geometry, input, parameters),
            bias: parameters.bias.to_vec(),
            multiplier: parameters.multiplier.to_vec(),
            residual: parameters.residual,
            range: parameters.output,
            flip: 0,
        };
        if conv.winograd.is_none() {
            conv.pack(parameters.weights, largest_byte(parameters.input));
            conv.weights = Weights::Made(std::mem::take(&mut conv.packed.weights));
        }
        // What the kernel reads may be 128 more or less than the value, in the border as well.
        let shift = match parameters.input {
            Range::Picture if !conv.packed.signed => -128,
            Range::Unsigned if conv.packed.signed => 128,
            _ => 0,
        };
        if shift != 0 {
            for (bias, weights) in conv.bias.iter_mut().zip(parameters.weights.chunks_exact(taps)) {
                *bias += shift * weights.iter().map(|weight| i32::from(*weight)).sum::<i32>();
            }
        }
        if conv.packed.signed && largest_byte(parameters.input) == 255 {
            conv.flip = 0x80;
        }
        conv.bias.resize(padded, 0);
        conv.multiplier.resize(padded, 0.0);
        Ok(conv)
    }

    /// Cuts each row of taps into groups of four, and hands them to the kernel panel by panel.
    fn pack(&mut self, weights: &[i8], largest_input: i32) {
        let Geometry { inputs, outputs, kernel: [height, width], .. } = self.geometry;
        let channels = self.kernel.channels;
        let (taps, run) = (inputs * height * width, width * inputs);
        let padded_run = run.next_multiple_of(4);
        let offsets: Vec<u32> = (0..height)
            .flat_map(|y| (0..padded_run).step_by(4).map(move |at| (y, at)))
            .map(|(y, at)| (y * self.input.pitch() + at) as u32)
            .collect();
        self.packed.weights.reserve_exact(self.geometry.packed(channels));
        let mut groups = vec![0_i8; offsets.len() * channels * 4];
        let mut rows = vec![0_i8; height * padded_run];
        for panel in (0..outputs).step_by(channels) {
            for channel in 0..channels {
                if panel + channel < outputs {
                    let taps = &weights[(panel + channel) * taps..][..taps];
                    spread(taps, [height, width], padded_run, &mut rows);
                } else {
                    rows.fill(0);
                }
                let (from, _) = rows.as_chunks::<4>();
                let (to, _) = groups.as_chunks_mut::<4>();
                for (to, from) in to[channel..].iter_mut().step_by(channels).zip(from) {
                    *to = *from;
                }
            }
            let groups = Groups { offsets: &offsets, weights: &groups, largest_input };
            (self.kernel.pack)(&groups, &mut self.packed);
        }
    }

    /// Moves the packed weights to the shelf, where those of a network's layers lie side by side: in huge pages, where the
    /// system has them. They take about [`Geometry::packed`] bytes; where there is no more room, they get memory of their own.
    pub fn settle(&mut self, shelf: &Shelf) {
        let weights = match &mut self.winograd {
            Some(winograd) => winograd.weights(),
            None => &mut self.weights,
        };
        weights.settle(shelf);
    }

    /// Whether Winograd's algorithm computes it.
    pub fn is_winograd(&self) -> bool {
        self.winograd.is_some()
    }

    /// Its size.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// How the work is cut for `threads` threads: blocks of pixels, and groups of panels.
    pub(crate) fn parts(&self, threads: usize) -> Parts {
        let [height, width] = self.geometry.output(self.input.height, self.input.width).unwrap_or_default();
        let pixels = height * width;
        let several = if threads == 1 { 1 } else { 4 * threads };
        if let Some(winograd) = &self.winograd {
            return winograd.parts([height, width], threads);
        }
        let panels = self.packed.panels.len();
        if self.weights.len() > MANY_WEIGHT_BYTES {
            let groups = several.min(panels);
            Parts { pixels: several.div_ceil(groups).min(pixels / self.kernel.rows).max(1), panels: groups }
        } else {
            let bytes = self.input.channels * self.geometry.stride.iter().product::<usize>();
            let least = pixels.div_ceil((BLOCK_BYTES / bytes).clamp(24, CHUNK));
            Parts { pixels: least.max(several.min(pixels / self.kernel.rows)).max(1), panels: 1 }
        }
    }

    /// Computes part `part` of `parts`.
    ///
    /// # Safety
    /// Nobody writes to `input` or `residual` meanwhile, and nobody touches `output` but other parts of the same
    /// `parts`, each at most once.
    // SAFETY: see above.
    pub(super) unsafe fn run(
        &self,
        parts: Parts,
        part: usize,
        input: &Activation,
        residual: Option<&Activation>,
        output: &Activation,
    ) {
        let to = *output.shape();
        assert_eq!(*input.shape(), self.input);
        assert_eq!(Some([to.height, to.width]), self.geometry.output(self.input.height, self.input.width));
        assert!(to.channels == self.geometry.outputs && to.bytes() <= u32::MAX as usize && part < parts.count());
        assert_eq!(residual.is_some(), self.residual.is_some());
        let residual_shape = residual.map(|residual| *residual.shape());
        assert!(residual_shape.is_none_or(|shape| {
            (shape.height, shape.width, shape.channels) == (to.height, to.width, to.channels)
                && shape.bytes() <= u32::MAX as usize
        }));
        let (block, group) = (part / parts.panels, part % parts.panels);
        let cut = |whole: usize, at: usize, of: usize| whole * at / of..whole * (at + 1) / of;
        if let Some(winograd) = &self.winograd {
            let panels = cut(winograd.panels(), group, parts.panels);
            let finish = Finish { bias: &self.bias, multiplier: &self.multiplier, range: self.range };
            // SAFETY: the caller's promise is passed on.
            return unsafe { winograd.run([block, parts.pixels], panels, &finish, input, output) };
        }
        let (pixels, panels) =
            (cut(to.pixels(), block, parts.pixels), cut(self.packed.panels.len(), group, parts.panels));
        let [down, right] = self.geometry.stride;
        let corner = self.geometry.padding.map(|padding| self.input.border - padding);
        let (mut from, mut into, mut add) = ([0_u32; CHUNK], [0_u32; CHUNK], [0_u32; CHUNK]);
        for first in pixels.clone().step_by(CHUNK) {
            let count = CHUNK.min(pixels.end - first);
            let (mut y, mut x) = (first / to.width, first % to.width);
            for at in 0..count {
                from[at] = self.input.in_border(corner[0] + y * down, corner[1] + x * right) as u32;
                into[at] = to.at(y, x) as u32;
                add[at] = residual_shape.map_or(0, |shape| shape.at(y, x)) as u32;
                x += 1;
                if x == to.width {
                    (y, x) = (y + 1, 0);
                }
            }
            let offsets = Offsets { input: &from[..count], output: &into[..count], residual: &add[..count] };
            let residual = residual.map_or(std::ptr::null(), |residual| residual.start().cast_const());
            for panel in panels.clone() {
                // SAFETY: the shapes were compared above, so the offsets are inside; the caller promises the rest.
                unsafe { self.run_panel(panel, &offsets, input.start(), residual, output.start()) };
            }
        }
    }

    /// # Safety
    /// The offsets are pixels' first taps in `input` and pixels in `output` and `residual`.
    // SAFETY: see above.
    unsafe fn run_panel(
        &self,
        index: usize,
        offsets: &Offsets,
        input: *const u8,
        residual: *const u8,
        output: *mut u8,
    ) {
        let channels = self.kernel.channels;
        let weights = |index: usize| {
            let panels = &self.packed.panels[index..];
            let end = panels.get(1).map_or(self.weights.len(), |next| next.first_weight);
            panels.first().map_or(&[][..], |panel| &self.weights[panel.first_weight..end])
        };
        let panel = self.packed.panels[index];
        let channel = index * channels;
        let pixels = offsets.input.len();
        let tiles = pixels.div_ceil(self.kernel.rows);
        let groups = 2 * panel.pairs + panel.singles;
        // Each tile fetches its share of the next panel.
        let next = weights(index + 1);
        let mut ahead = next.chunks(next.len().div_ceil(tiles).next_multiple_of(64).max(64));
        for tile in 0..tiles {
            // All tiles are as large as each other, or one pixel larger.
            let rows = pixels * tile / tiles..pixels * (tile + 1) / tiles;
            let tile = Tile {
                rows: rows.len(),
                channels: channels.min(self.geometry.outputs - channel),
                input,
                input_offsets: &offsets.input[rows.clone()],
                offsets: self.packed.offsets[panel.first_offset..][..groups].as_ptr(),
                weights: weights(index).as_ptr(),
                pairs: panel.pairs,
                singles: panel.singles,
                ahead: ahead.next().unwrap_or_default(),
                bias: &self.bias[channel..][..channels],
                multiplier: &self.multiplier[channel..][..channels],
                range: self.range,
                flip: self.flip,
                output: output.wrapping_add(channel),
                output_offsets: &offsets.output[rows.clone()],
                residual: if residual.is_null() { residual } else { residual.wrapping_add(channel) },
                residual_offsets: &offsets.residual[rows],
                residual_scale: self.residual.map_or(0.0, |residual| residual.scale),
                residual_range: self.residual.map_or(Range::Signed, |residual| residual.range),
            };
            // SAFETY: the kernel was chosen by what the processor has; the caller promises the offsets, and an
            // activation has slack behind its last pixel for the bytes of a group that is not full.
            unsafe { (self.kernel.tile)(&tile) };
        }
    }
}

/// The offsets of some pixels.
struct Offsets<'a> {
    input: &'a [u32],
    output: &'a [u32],
    residual: &'a [u32],
}

/// How a layer is cut: this many blocks of pixels times this many groups of panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) pixels: usize,
    pub(crate) panels: usize,
}

impl Parts {
    pub(crate) fn count(self) -> usize {
        self.pixels * self.panels
    }
}

/// The weights in another order, where Winograd's algorithm is exact and pays.
fn winograd(kernel: &Kernel, geometry: &Geometry, input: Shape, parameters: &Parameters) -> Option<Winograd> {
    let fits = geometry.kernel == [3; 2]
        && geometry.stride == [1; 2]
        && parameters.input != Range::Picture
        && parameters.residual.is_none();
    let size = geometry.output(input.height, input.width)?;
    if !fits {
        return None;
    }
    let largest_input = parameters.input.highest();
    Winograd::new(kernel.winograd?, parameters.weights, largest_input, geometry.outputs, geometry.padding, size)
}

/// Weights of one output from inputs x height x width to height x (width x inputs, then zeros).
fn spread(weights: &[i8], [height, width]: [usize; 2], padded_run: usize, rows: &mut [i8]) {
    if height * width == 1 {
        rows[..weights.len()].copy_from_slice(weights);
        return;
    }
    let inputs = weights.len() / (height * width);
    for (y, row) in rows.chunks_exact_mut(padded_run).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(inputs).take(width).enumerate() {
            for (to, from) in pixel.iter_mut().zip(weights[y * width + x..].iter().step_by(height * width)) {
                *to = *from;
            }
        }
    }
}

/// The largest byte of an input.
fn largest_byte(input: Range) -> i32 {
    if input == Range::Positive { 127 } else { 255 }
}

/// Refuses numbers that the kernels' arithmetic is not exact for.
fn check(parameters: &Parameters, taps: usize) -> Result<(), &'static str> {
    if parameters.weights.contains(&i8::MIN) {
        return Err("a weight is -128");
    }
    let scale = parameters.residual.map(|residual| residual.scale);
    let residual = f64::from(scale.unwrap_or(0.0)) * 255.0;
    let finite = parameters.multiplier.iter().chain(&scale).all(|scale| scale.is_finite());
    for ((weights, bias), multiplier) in
        parameters.weights.chunks_exact(taps).zip(parameters.bias).zip(parameters.multiplier)
    {
        let (mut sum, mut magnitude) = (0_i64, 0_i64);
        // Sums of this many fit 32 bits, which the processor adds faster.
        for weights in weights.chunks(1 << 16) {
            sum += i64::from(weights.iter().map(|weight| i32::from(*weight)).sum::<i32>());
            magnitude += i64::from(weights.iter().map(|weight| i32::from(weight.unsigned_abs())).sum::<i32>());
        }
        // A kernel may read what is 128 more or less than the value, and have that in its bias.
        let shifted = match parameters.input {
            Range::Picture => -128 * sum,
            Range::Unsigned => 128 * sum,
            Range::Positive | Range::Signed => 0,
        };
        let bias = i64::from(*bias);
        let largest = bias.abs().max((bias + shifted).abs()) + magnitude * i64::from(largest_byte(parameters.input));
        let value = largest as f64 * f64::from(multiplier.abs()) + residual.abs();
        if largest > i64::from(i32::MAX) || !finite || value >= LARGEST_VALUE {
            return Err("its sums may not fit 32 bits");
        }
    }
    Ok(())
}
