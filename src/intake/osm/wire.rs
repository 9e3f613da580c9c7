//! The wire format of Protocol Buffers, as far as OSM's files use it. Nothing is copied, and nothing trusted.

/// What is wrong with bytes that should be a message.
pub type Wire<T> = Result<T, &'static str>;

const CUT: &str = "a message in it ends too early";

/// The fields of a message: number and value, in the order they were written.
pub struct Fields<'a>(pub &'a [u8]);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of fixed length; OSM has none that are needed.
    Fixed,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Wire<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Wire<(u64, Value<'a>)> {
        let key = varint(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut self.0)?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = varint(&mut self.0)?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err("a field in it is of a kind that does not exist"),
        };
        Ok((key >> 3, value))
    }

    fn take(&mut self, length: u64) -> Wire<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| CUT)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> Wire<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err("a field in it is of the wrong kind"),
        }
    }

    pub fn number(self) -> Wire<u64> {
        match self {
            Value::Number(number) => Ok(number),
            _ => Err("a field in it is of the wrong kind"),
        }
    }
}

/// Numbers one behind the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packed<'a>(pub &'a [u8]);

impl Iterator for Packed<'_> {
    type Item = Wire<u64>;

    fn next(&mut self) -> Option<Wire<u64>> {
        if self.0.is_empty() {
            return None;
        }
        let number = varint(&mut self.0);
        if number.is_err() {
            self.0 = &[];
        }
        Some(number)
    }
}

impl<'a> Packed<'a> {
    /// Signed numbers, each given as the difference from the one before.
    pub fn deltas(self) -> impl Iterator<Item = Wire<i64>> + 'a {
        let mut sum = 0_i64;
        self.map(move |number| {
            sum = sum.wrapping_add(signed(number?));
            Ok(sum)
        })
    }
}

/// A signed number as it is written: 0, -1, 1, -2 …
pub fn signed(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn varint(bytes: &mut &[u8]) -> Wire<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(CUT)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("a number in it is longer than 64 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!(Packed(&[0, 1, 0x96, 1]).collect::<Wire<Vec<_>>>(), Ok(vec![0, 1, 150]));
        assert_eq!([0, 1, 2, 3, u64::MAX].map(signed), [0, -1, 1, -2, i64::MIN]);
        assert_eq!(Packed(&[2, 2, 3]).deltas().collect::<Wire<Vec<_>>>(), Ok(vec![1, 2, 0]));
    }

    #[test]
    fn what_ends_too_early_or_never_is_an_error_and_the_end() {
        for bytes in
            [&[0x80][..], &[0xff; 11], &[0x0a, 5, 1], &[0x0b], &[0x09, 0], &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff]]
        {
            let read: Vec<_> = Fields(bytes).take(20).collect();
            assert!(read.len() == 1 && read[0].is_err(), "{bytes:?}: {read:?}");
        }
        assert_eq!(Fields(&[0x08, 5]).collect::<Wire<Vec<_>>>(), Ok(vec![(1, Value::Number(5))]));
    }
}
