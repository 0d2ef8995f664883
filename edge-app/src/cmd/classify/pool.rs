//! Works on several items at the same time and hands the results over in the items' order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Calls `work` for each item on up to `threads` threads, and `take` on this thread with each result, in order.
///
/// # Errors
/// The first error of `take`; no further work is begun then.
pub(super) fn in_order<I: Sync, R: Send, E>(
    items: &[I],
    threads: usize,
    work: impl Fn(&I) -> R + Sync,
    mut take: impl FnMut(&I, R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.clamp(1, items.len().max(1));
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<(usize, R)>(threads);
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if sender.send((index, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early: Vec<(usize, R)> = Vec::new();
        let mut wanted = 0;
        for arrived in receiver {
            early.push(arrived);
            while let Some(at) = early.iter().position(|(index, _)| *index == wanted) {
                let (index, result) = early.swap_remove(at);
                // On an error the receiver falls with this loop, which ends every thread at its next send.
                take(&items[index], result)?;
                wanted += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order_whatever_takes_longest() {
        let items: Vec<u64> = (0..40).collect();
        for threads in [1, 3, 64] {
            let mut taken = Vec::new();
            let work = |item: &u64| {
                thread::sleep(Duration::from_micros((item * 7 % 5) * 200));
                item * 2
            };
            let take = |item: &u64, result| {
                taken.push((*item, result));
                Ok::<(), ()>(())
            };
            in_order(&items, threads, work, take).unwrap();
            assert_eq!(taken, items.iter().map(|item| (*item, item * 2)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let done = AtomicUsize::new(0);
        let items: Vec<u64> = (0..1000).collect();
        let work = |item: &u64| {
            done.fetch_add(1, Ordering::Relaxed);
            *item
        };
        let result = in_order(&items, 2, work, |_, item| if item == 3 { Err("three") } else { Ok(()) });
        assert_eq!(result, Err("three"));
        assert!(done.load(Ordering::Relaxed) < 1000);
    }
}
