//! The layers of a float network: weights in the kernels' order, and which row of the input each output row reads.

use super::rows::{self, ConvRow, DepthwiseRow, FloatKernel, Residual, Taps};

/// A picture of floats in memory: height x width x channels, padded to whole vectors, with a border of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plane {
    /// Rows of pixels, without the border.
    pub height: usize,
    /// Pixels in a row, without the border.
    pub width: usize,
    /// Channels that mean something.
    pub channels: usize,
    /// Floats of a pixel; the channels, or more.
    pub step: usize,
    /// Pixels of zeros on each of the four sides.
    pub border: usize,
}

impl Plane {
    /// Floats from a pixel to the one below.
    pub(super) fn pitch(&self) -> usize {
        (self.width + 2 * self.border) * self.step
    }

    /// All floats, with the border.
    pub(super) fn len(&self) -> usize {
        (self.height + 2 * self.border) * self.pitch()
    }

    /// Where the pixel begins that lies `up` rows above and `left` columns before the given one, which may be in the border.
    fn before(&self, [y, x]: [usize; 2], [up, left]: [usize; 2]) -> usize {
        (y + self.border - up) * self.pitch() + (x + self.border - left) * self.step
    }

    /// Where a row of pixels stands, without the border.
    pub(super) fn row(&self, y: usize) -> std::ops::Range<usize> {
        let first = self.before([y, 0], [0, 0]);
        first..first + self.width * self.step
    }
}

/// A window that moves over a picture. Height before width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns of the window.
    pub size: [usize; 2],
    /// Rows and columns from one position to the next.
    pub stride: [usize; 2],
    /// Rows of padding above, columns on the left.
    pub before: [usize; 2],
    /// Rows of padding below, columns on the right.
    pub after: [usize; 2],
}

impl Window {
    /// Height and width of the output; `None` when the window is larger than the padded input, or does not move.
    pub fn output(&self, height: usize, width: usize) -> Option<[usize; 2]> {
        let size = |axis: usize, size: usize| {
            let padded = size + self.before[axis] + self.after[axis];
            Some(padded.checked_sub(self.size[axis])?.checked_div(self.stride[axis])? + 1)
        };
        Some([size(0, height)?, size(1, width)?])
    }

    /// The widest padding: how much border the input needs.
    pub fn border(&self) -> usize {
        self.before.into_iter().chain(self.after).max().unwrap_or(0)
    }

    fn taps(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The input from the first tap of the first pixel of output row `y` on.
    fn first_tap(&self, plane: &Plane, y: usize) -> usize {
        plane.before([y * self.stride[0], 0], self.before)
    }
}

/// A convolution.
pub struct Convolution {
    kernel: &'static FloatKernel,
    window: Window,
    taps: Vec<Taps>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl Convolution {
    /// Packs `weights`, outputs x inputs x window height x window width, for input that lies as `plane`; one bias for
    /// each output.
    ///
    /// # Errors
    /// In words, when the numbers do not fit each other.
    pub fn new(
        kernel: &'static FloatKernel,
        window: Window,
        plane: &Plane,
        weights: &[f32],
        bias: &[f32],
    ) -> Result<Self, &'static str> {
        let (inputs, outputs) = (plane.channels, bias.len());
        let taps = inputs * window.taps();
        if outputs == 0 || taps == 0 || Some(weights.len()) != outputs.checked_mul(taps) {
            return Err("its tensors do not fit each other");
        }
        let [height, width] = window.size;
        // Pixels without padding stand so close that a row of taps is one run.
        let dense = plane.step == inputs;
        let runs = if dense { 1 } else { width };
        let run = |y: usize, x: usize| Taps {
            offset: y * plane.pitch() + x * plane.step,
            count: if dense { width * inputs } else { inputs },
        };
        let runs = (0..height).flat_map(|y| (0..runs).map(move |x| (y, x))).map(|(y, x)| run(y, x)).collect();
        let padded = outputs.next_multiple_of(kernel.lanes);
        let mut packed = Vec::with_capacity(padded * taps);
        let mut first = 0;
        for vectors in rows::panels(padded / kernel.lanes) {
            let channels = first..first + vectors * kernel.lanes;
            for tap in 0..window.taps() {
                for input in 0..inputs {
                    let weight = |output: usize| weights.get((output * inputs + input) * window.taps() + tap);
                    packed.extend(channels.clone().map(|output| weight(output).copied().unwrap_or(0.0)));
                }
            }
            first = channels.end;
        }
        Ok(Self { kernel, window, taps: runs, weights: packed, bias: pad(bias, padded), inputs, outputs })
    }

    /// The window that it moves.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Channels of input and output.
    pub(super) fn channels(&self) -> [usize; 2] {
        [self.inputs, self.outputs]
    }

    /// Computes output row `y`.
    pub(super) fn row(
        &self,
        plane: &Plane,
        input: &[f32],
        y: usize,
        residual: Option<Residual>,
        relu: bool,
        output: &mut [f32],
    ) {
        let row = ConvRow {
            input: &input[self.window.first_tap(plane, y)..],
            step: self.window.stride[1] * plane.step,
            taps: &self.taps,
            weights: &self.weights,
            bias: &self.bias,
            residual,
            relu,
        };
        // SAFETY: a kernel is only handed out when the processor has its instructions.
        unsafe { (self.kernel.conv)(&row, output) }
    }
}

/// A convolution of each channel by itself.
pub struct Depthwise {
    kernel: &'static FloatKernel,
    window: Window,
    taps: Vec<usize>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    channels: usize,
    relu: bool,
}

impl Depthwise {
    /// Packs `weights`, channels x window height x window width, for input that lies as `plane`; one bias for each channel.
    ///
    /// # Errors
    /// In words, when the numbers do not fit each other, or the plane's pixels are not whole vectors.
    pub fn new(
        kernel: &'static FloatKernel,
        window: Window,
        plane: &Plane,
        weights: &[f32],
        bias: &[f32],
        relu: bool,
    ) -> Result<Self, &'static str> {
        let (channels, taps) = (plane.channels, window.taps());
        if taps == 0 || bias.len() != channels || Some(weights.len()) != channels.checked_mul(taps) {
            return Err("its tensors do not fit each other");
        }
        if plane.step != channels.next_multiple_of(kernel.lanes) {
            return Err("it reads the network's input");
        }
        let [height, width] = window.size;
        let offset = |(y, x): (usize, usize)| y * plane.pitch() + x * plane.step;
        let offsets = (0..height).flat_map(|y| (0..width).map(move |x| (y, x))).map(offset).collect();
        let of_tap = |tap: usize| weights.iter().skip(tap).step_by(taps).copied().collect::<Vec<_>>();
        let packed = (0..taps).flat_map(|tap| pad(&of_tap(tap), plane.step)).collect();
        Ok(Self { kernel, window, taps: offsets, weights: packed, bias: pad(bias, plane.step), channels, relu })
    }

    /// The window that it moves.
    pub fn window(&self) -> &Window {
        &self.window
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Computes output row `y`.
    pub(super) fn row(&self, plane: &Plane, input: &[f32], y: usize, output: &mut [f32]) {
        let row = DepthwiseRow {
            input: &input[self.window.first_tap(plane, y)..],
            step: self.window.stride[1] * plane.step,
            taps: &self.taps,
            weights: &self.weights,
            bias: &self.bias,
            relu: self.relu,
        };
        // SAFETY: a kernel is only handed out when the processor has its instructions.
        unsafe { (self.kernel.depthwise)(&row, output) }
    }
}

/// Computes row `y` of the largest values under a window without padding.
pub(super) fn max_pool_row(
    kernel: &FloatKernel,
    window: &Window,
    plane: &Plane,
    input: &[f32],
    y: usize,
    output: &mut [f32],
) {
    let first = window.first_tap(plane, y);
    for (x, output) in output.chunks_exact_mut(plane.step).enumerate() {
        for tap in 0..window.taps() {
            let (down, across) = (tap / window.size[1], tap % window.size[1] + x * window.stride[1]);
            let from = first + down * plane.pitch() + across * plane.step;
            let values = &input[from..from + plane.step];
            if tap == 0 {
                output.copy_from_slice(values);
            } else {
                // SAFETY: a kernel is only handed out when the processor has its instructions.
                unsafe { (kernel.max)(output, values) }
            }
        }
    }
}

fn pad(values: &[f32], length: usize) -> Vec<f32> {
    let mut padded = values.to_vec();
    padded.resize(length, 0.0);
    padded
}
