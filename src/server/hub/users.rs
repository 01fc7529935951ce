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
    /// Gives false if somebody else has the name, or the session another one.
    pub fn enter(&mut self, name: &Arc<str>, id: &SessionId) -> bool {
        if let Some(own) = self.names.get(id) {
            return own == name;
        }
        if self.by_name.contains_key(name) {
            return false;
        }
        self.by_name.insert(name.clone(), id.clone());
        self.names.insert(id.clone(), name.clone());
        true
    }

    pub fn leave(&mut self, id: &SessionId) {
        if let Some(name) = self.names.remove(id) {
            self.by_name.remove(&name);
        }
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
        assert!(users.enter(&ann, &a) && users.enter(&ann, &a));
        assert!(!users.enter(&bob, &a), "a session keeps its name");
        assert!(!users.enter(&ann, &b));
        assert_eq!(users.find("ann"), Some(&a));
        users.leave(&a);
        users.leave(&a);
        assert!(users.is_empty() && users.enter(&ann, &b));
    }
}
