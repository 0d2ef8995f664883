//! Lets the built programs find libtorch without LD_LIBRARY_PATH: an rpath to $LIBTORCH/lib.

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if let Some(root) = std::env::var_os("LIBTORCH") {
        let lib = std::path::Path::new(&root).join("lib");
        // A link may be swapped later; the resolved folder is what was linked against.
        let lib = lib.canonicalize().unwrap_or(lib);
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
}
