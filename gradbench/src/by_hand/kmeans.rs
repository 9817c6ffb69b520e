//! A step of Newton's method is to the mean of the points: one pass.

/// `d` numbers for each point and for each centroid; what is to be subtracted from the centroids.
pub fn newton_step(points: &[f64], centroids: &[f64], d: usize) -> Vec<f64> {
    let mut sums = vec![0.0; centroids.len()];
    let mut counts = vec![0.0; centroids.len() / d];
    for point in points.chunks_exact(d) {
        let (mut least, mut nearest) = (f64::INFINITY, 0);
        for (k, centroid) in centroids.chunks_exact(d).enumerate() {
            let distance: f64 = point.iter().zip(centroid).map(|(x, c)| (x - c) * (x - c)).sum();
            if distance < least {
                (least, nearest) = (distance, k);
            }
        }
        counts[nearest] += 1.0;
        for (sum, x) in sums[nearest * d..(nearest + 1) * d].iter_mut().zip(point) {
            *sum += x;
        }
    }
    for (k, (step, centroid)) in sums.chunks_exact_mut(d).zip(centroids.chunks_exact(d)).enumerate() {
        for (step, c) in step.iter_mut().zip(centroid) {
            *step = c - *step / counts[k];
        }
    }
    sums
}
