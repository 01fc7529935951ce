//! Whether a change of our tracks has reached the other side by a description. Pure.

/// What became of the last change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// No description has it.
    Not,
    /// A description has it that is not agreed on yet.
    Said,
    /// Or there was none.
    #[default]
    Agreed,
}

impl Told {
    /// There is something new to say.
    pub fn change(&mut self) {
        *self = Self::Not;
    }

    /// A description of ours was made that has it.
    pub fn say(&mut self) {
        if *self == Self::Not {
            *self = Self::Said;
        }
    }

    /// An exchange of descriptions has come to its end.
    pub fn agree(&mut self) {
        if *self == Self::Said {
            *self = Self::Agreed;
        }
    }

    /// An exchange was taken back.
    pub fn take_back(&mut self) {
        if *self == Self::Said {
            *self = Self::Not;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_said_before_an_exchange_ended_is_agreed() {
        let mut told = Told::Not;
        told.agree();
        assert_eq!(told, Told::Not, "it changed meanwhile");
        told.say();
        told.take_back();
        assert_eq!(told, Told::Not);
        told.say();
        told.agree();
        told.say();
        told.take_back();
        assert_eq!(told, Told::Agreed);
        told.change();
        assert_eq!(told, Told::Not);
    }
}
