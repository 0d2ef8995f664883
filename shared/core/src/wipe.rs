//! Overwrites pixels, and what was computed from them, before their memory is given back.

/// Overwrites `values` with zeros (each type's default). Best effort in safe Rust: the result is handed to
/// [`std::hint::black_box`], so that the compiler does not drop stores that nobody seems to read.
pub fn wipe<T: Copy + Default>(values: &mut [T]) {
    values.fill(T::default());
    std::hint::black_box(values);
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_is_left() {
        let mut values = [1.5_f32, -2.0];
        super::wipe(&mut values);
        assert_eq!(values, [0.0; 2]);
    }
}
