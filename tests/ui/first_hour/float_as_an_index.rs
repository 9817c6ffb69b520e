use grad::grad;

#[grad]
fn f(x: &Vec<f64>) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() as f64 { // here
        s += x[i];
    }
    s
}

fn main() {
    f::grad(&vec![1.0]);
}
