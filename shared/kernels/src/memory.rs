//! Memory for what every run goes through from end to end: weights, activations, what Winograd's transforms work on.
//!
//! A run of a ResNet-50 reads 24 MB of weights once. In pages of 4 kB the processor looks up the place of 6000 of them each
//! time; in huge pages, of a dozen. And a vector that begins on a cache line is in one line, not in two.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};

/// A cache line: where each [`Part`] begins.
pub(super) const LINE: usize = 64;
/// A huge page of the processors that we know.
const HUGE_PAGE: usize = 2 << 20;

/// Memory in which nothing stands yet; in huge pages, where the system has them, when it is large enough. It takes none of the
/// machine's before it is written to.
pub(super) struct Block {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a block is an address and a size; who may read and write what is there is the promise of those who do.
unsafe impl Send for Block {}
// SAFETY: see above.
unsafe impl Sync for Block {}

impl Block {
    /// # Panics
    /// When there is not so much memory, as every allocation does.
    pub(super) fn new(bytes: usize) -> Self {
        // Small blocks are as large as asked for and no larger, so that the address sanitizer sees who goes beyond.
        let bytes = bytes.max(1);
        let (size, page) =
            if bytes >= HUGE_PAGE / 2 { (bytes.next_multiple_of(HUGE_PAGE), HUGE_PAGE) } else { (bytes, LINE) };
        let layout = Layout::from_size_align(size, page).unwrap_or_else(|_| panic!("a block of {bytes} bytes"));
        // SAFETY: the size is not zero.
        let start = NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout));
        if page == HUGE_PAGE {
            wish_huge_pages(start, size);
        }
        Self { start, layout }
    }

    /// The same, full of zeros.
    pub(super) fn zeroed(bytes: usize) -> Self {
        let block = Self::new(bytes);
        // SAFETY: as large as was asked for.
        unsafe { block.start().write_bytes(0, bytes) };
        block
    }

    /// The first of its bytes.
    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

/// Asks the system for huge pages from here on. It may not have any: then all is as it was, only slower.
#[cfg(all(target_os = "linux", not(miri)))]
fn wish_huge_pages(start: NonNull<u8>, size: usize) {
    use std::ffi::{c_int, c_void};

    /// The same on all of Linux's processors that have huge pages, but for those of no interest here (alpha, parisc).
    const MADV_HUGEPAGE: c_int = 14;
    // SAFETY: so the C library declares it.
    unsafe extern "C" {
        fn madvise(start: *mut c_void, size: usize, advice: c_int) -> c_int;
    }
    // SAFETY: the memory is ours, and the advice changes nothing that is in it.
    unsafe { madvise(start.as_ptr().cast(), size, MADV_HUGEPAGE) };
}

/// No such wish is known here.
#[cfg(not(all(target_os = "linux", not(miri))))]
fn wish_huge_pages(_start: NonNull<u8>, _size: usize) {}

/// Memory that is given away piece by piece, to any thread, and never taken back: it ends with the last piece.
pub struct Shelf {
    block: Arc<Block>,
    size: usize,
    used: Mutex<usize>,
}

impl Shelf {
    /// For parts of these lengths.
    ///
    /// # Panics
    /// When there is not so much memory, as every allocation does.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let size = lengths.into_iter().fold(0, |size: usize, length| size.next_multiple_of(LINE) + length);
        Self { block: Arc::new(Block::new(size)), size, used: Mutex::new(0) }
    }

    /// The next part. No other part has its bytes. `None` when the shelf was made for less.
    pub(super) fn part(&self, length: usize) -> Option<Part> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let first = used.next_multiple_of(LINE);
        if length > self.size || first > self.size - length {
            return None;
        }
        *used = first + length;
        Some(Part { block: Arc::clone(&self.block), first, length })
    }
}

/// Bytes of a [`Block`] that no other part has. They begin on a cache line, and whoever takes the part writes them first.
pub(super) struct Part {
    block: Arc<Block>,
    first: usize,
    length: usize,
}

impl Part {
    /// Memory of its own.
    pub(super) fn alone(length: usize) -> Self {
        Self { block: Arc::new(Block::new(length)), first: 0, length }
    }

    /// The first byte.
    pub(super) fn start(&self) -> *mut u8 {
        self.block.start().wrapping_add(self.first)
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> usize {
        self.length
    }
}

/// Weights in a kernel's order. Where they are made, they are in memory of their own; [`Conv::settle`](super::Conv::settle)
/// then puts them beside those of other layers.
pub(super) enum Weights {
    Made(Vec<i8>),
    Settled(Part),
}

impl Weights {
    /// Moves them to the shelf, or, when it is full, to a place of their own.
    pub(super) fn settle(&mut self, shelf: &Shelf) {
        let part = shelf.part(self.len()).unwrap_or_else(|| Part::alone(self.len()));
        // SAFETY: nobody else has the bytes of the part, which is as long.
        unsafe { part.start().copy_from_nonoverlapping(self.as_ptr().cast(), self.len()) };
        *self = Self::Settled(part);
    }
}

impl std::ops::Deref for Weights {
    type Target = [i8];

    fn deref(&self) -> &[i8] {
        match self {
            Self::Made(weights) => weights,
            // SAFETY: the part was written when it was made, by `settle`, and nobody writes to it after that.
            Self::Settled(part) => unsafe { slice::from_raw_parts(part.start().cast(), part.length()) },
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self::Made(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_on_lines_and_do_not_overlap() {
        for large in [1000, HUGE_PAGE] {
            let shelf = Shelf::new([1, large, 64]);
            let parts = [1, large, 64].map(|length| shelf.part(length).unwrap());
            assert!(shelf.part(1).is_none(), "it is full");
            let starts = parts.each_ref().map(|part| part.start().addr());
            assert!(starts.iter().all(|start| start.is_multiple_of(LINE)));
            assert_eq!(starts[1] - starts[0], LINE);
            assert_eq!(starts[2] - starts[1], large.next_multiple_of(LINE));
            if large == HUGE_PAGE {
                assert!(starts[0].is_multiple_of(HUGE_PAGE));
            }
        }
    }

    #[test]
    fn settled_weights_are_what_they_were() {
        let mut weights = [Weights::Made(vec![1, -2, 3]), Weights::Made(vec![i8::MIN; 65])];
        // There is room for the first alone: the second gets a place of its own.
        let shelf = Shelf::new([64]);
        for weights in &mut weights {
            weights.settle(&shelf);
        }
        assert_eq!((&weights[0][..], &weights[1][..]), (&[1, -2, 3][..], &[i8::MIN; 65][..]));
    }
}
