//! Who plays and who watches: `table` (players and their numbers, asking, giving up, handing over), `told` (what that comes
//! to), `admission` (what of a viewer's input passes). Pure.

mod admission;
mod table;
mod told;

#[cfg(test)]
mod tests;

pub use admission::{Admission, Refused};
pub use table::{ASK_TIMEOUT, RoleError, Roles, Rules};
pub use told::{Change, Reason, Role};
