fn main() {
    println!("The programs are written by `cargo run -p grad-fuzz`.");
}
