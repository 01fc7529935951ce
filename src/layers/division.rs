//! How the tracks of one viewer share its link.

use crate::units::Bitrate;

/// Equal parts, none larger than its track can use (`most`); what one leaves goes to the others (max-min fairness). What all
/// leave is nobody's.
pub fn divide(total: Bitrate, most: &[Bitrate]) -> Vec<Bitrate> {
    let mut parts = vec![Bitrate::default(); most.len()];
    let mut order: Vec<usize> = (0..most.len()).collect();
    order.sort_by_key(|track| most.get(*track).copied().unwrap_or_default());
    let (mut left, mut tracks) = (total.bps(), most.len() as u64);
    for track in order {
        let (Some(part), Some(most)) = (parts.get_mut(track), most.get(track)) else { continue };
        *part = Bitrate::from_bps((left / tracks.max(1)).min(most.bps()));
        left -= part.bps();
        tracks -= 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn divided(total: u64, most: &[u64]) -> Vec<u64> {
        let most: Vec<_> = most.iter().copied().map(Bitrate::from_kbps).collect();
        divide(Bitrate::from_kbps(total), &most).into_iter().map(Bitrate::kbps).collect()
    }

    #[test]
    fn tracks_have_equal_parts_and_what_one_cannot_use_is_the_others() {
        assert_eq!(divided(3_000, &[8_000]), [3_000]);
        assert_eq!(divided(3_000, &[8_000, 8_000, 8_000]), [1_000; 3]);
        assert_eq!(divided(9_000, &[8_000, 500, 8_000]), [4_250, 500, 4_250]);
        assert_eq!(divided(90_000, &[8_000, 500]), [8_000, 500], "no more than all can use");
        assert_eq!(divided(3_000, &[0, 8_000]), [0, 3_000], "who rests has none");
        assert!(divided(3_000, &[]).is_empty());
    }

    proptest! {
        #[test]
        fn nobody_has_more_than_it_can_use_and_all_no_more_than_there_is(
            total in 0u64..1_000_000, most in proptest::collection::vec(0u64..100_000, 0..16),
        ) {
            let parts = divided(total, &most);
            prop_assert!(parts.iter().zip(&most).all(|(part, most)| part <= most));
            prop_assert!(parts.iter().sum::<u64>() <= total);
        }
    }
}
