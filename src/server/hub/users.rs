//! Names that sessions of the call protocol go by, where pages may call each other. Pure.

use std::collections::HashMap;
use std::sync::Arc;

use super::SessionId;

#[derive(Debug, Default)]
pub struct Users {
    by_name: HashMap<Arc<str>, SessionId>,
    names: HashMap<SessionId, Arc<str>>,
}

impl Users {
    /// Gives false if the session has another name or, where it is to be the only one's, somebody else has this one.
    pub fn enter(&mut self, name: &Arc<str>, id: &SessionId, alone: bool) -> bool {
        if let Some(own) = self.names.get(id) {
            return own == name;
        }
        if alone && self.by_name.contains_key(name) {
            return false;
        }
        self.by_name.insert(name.clone(), id.clone());
        self.names.insert(id.clone(), name.clone());
        true
    }

    /// Gives the name that nobody has any more.
    pub fn leave(&mut self, id: &SessionId) -> Option<Arc<str>> {
        let name = self.names.remove(id)?;
        if self.by_name.get(&name) != Some(id) {
            return None;
        }
        self.by_name.remove(&name);
        Some(name)
    }

    pub fn name(&self, id: &SessionId) -> Option<&Arc<str>> {
        self.names.get(id)
    }

    pub fn find(&self, name: &str) -> Option<&SessionId> {
        self.by_name.get(name)
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty() && self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_one_session_until_it_leaves() {
        let mut users = Users::default();
        let (ann, bob) = (Arc::from("ann"), Arc::from("bob"));
        let (a, b) = (SessionId(Arc::from("a")), SessionId(Arc::from("b")));
        assert!(users.enter(&ann, &a, true) && users.enter(&ann, &a, true));
        assert!(!users.enter(&bob, &a, true), "a session keeps its name");
        assert!(!users.enter(&ann, &b, true));
        assert_eq!(users.find("ann"), Some(&a));
        users.leave(&a);
        users.leave(&a);
        assert!(users.is_empty() && users.enter(&ann, &b, true));
    }

    #[test]
    fn a_name_that_several_may_have_leads_to_the_last_one() {
        let mut users = Users::default();
        let ann = Arc::from("ann");
        let (a, b) = (SessionId(Arc::from("a")), SessionId(Arc::from("b")));
        assert!(users.enter(&ann, &a, false) && users.enter(&ann, &b, false));
        assert_eq!(users.find("ann"), Some(&b));
        users.leave(&a);
        assert_eq!((users.find("ann"), users.name(&b)), (Some(&b), Some(&ann)));
        users.leave(&b);
        assert!(users.is_empty());
    }
}
