//! The words of `$filter` and its relatives, cut from the text with their places.

use crate::error::{ApiError, Result};

/// Longest text that is taken apart, in bytes.
const LONGEST: usize = 65_536;

/// One word or sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name, number, id, date or path: everything that needs no quotes.
    Word(String),
    /// A quoted text, without its quotes.
    Text(String),
    /// `(`, `)`, `,`, `:`, `=`, `[`, `]` or `;`.
    Sign(char),
}

/// A token and the byte it starts at.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// The token.
    pub(crate) token: Token,
    /// Its place.
    pub(crate) at: usize,
}

/// A text cut into tokens, read from left to right.
#[derive(Debug)]
pub(crate) struct Tokens {
    text: String,
    placed: Vec<Placed>,
    next: usize,
}

impl Tokens {
    /// Cuts a text.
    pub(crate) fn cut(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(ApiError::bad_url("The expression is longer than 65,536 bytes"));
        }
        let mut tokens = Vec::new();
        let mut signs = text.char_indices().peekable();
        while let Some((at, sign)) = signs.next() {
            let token = match sign {
                sign if sign.is_whitespace() => continue,
                '(' | ')' | ',' | ':' | '=' | '[' | ']' | ';' => Token::Sign(sign),
                '\'' | '"' => {
                    let mut inner = String::new();
                    loop {
                        match signs.next() {
                            Some((_, end)) if end == sign => {
                                if signs.peek().is_some_and(|(_, next)| *next == sign) {
                                    signs.next();
                                    inner.push(sign);
                                } else {
                                    break;
                                }
                            }
                            Some((_, other)) => inner.push(other),
                            None => {
                                let position = text.len().to_string();
                                return Err(ApiError::named(
                                    "UnterminatedLiteral",
                                    &[("position", &position), ("text", text)],
                                ));
                            }
                        }
                    }
                    Token::Text(inner)
                }
                _ => {
                    let mut word = String::from(sign);
                    while let Some((_, next)) = signs.peek() {
                        let inside = !next.is_whitespace() && !"()',\"=[];".contains(*next);
                        // A colon is part of a time, but ends the variable of a lambda.
                        let colon = *next == ':' && !word.starts_with(|first: char| first.is_ascii_digit());
                        if !inside || colon {
                            break;
                        }
                        word.push(*next);
                        signs.next();
                    }
                    Token::Word(word)
                }
            };
            tokens.push(Placed { token, at });
        }
        Ok(Self { text: text.to_owned(), placed: tokens, next: 0 })
    }

    /// The next token, without taking it.
    pub(crate) fn peek(&self) -> Option<&Token> {
        self.placed.get(self.next).map(|placed| &placed.token)
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += usize::from(token.is_some());
        token
    }

    /// Takes the sign when it comes next.
    pub(crate) fn sign(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(&Token::Sign(sign));
        self.next += usize::from(there);
        there
    }

    /// Takes the word when it comes next.
    pub(crate) fn word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(own)) if own == word);
        self.next += usize::from(there);
        there
    }

    /// Takes the sign or fails.
    pub(crate) fn need(&mut self, sign: char) -> Result<()> {
        if self.sign(sign) { Ok(()) } else { Err(self.error(&format!("expected '{sign}'"))) }
    }

    /// Whether everything has been read.
    pub(crate) fn at_end(&self) -> bool {
        self.next >= self.placed.len()
    }

    /// An error at the present place.
    pub(crate) fn error(&self, why: &str) -> ApiError {
        let at = self.placed.get(self.next).map_or(self.text.len(), |placed| placed.at);
        ApiError::named("Syntax", &[("position", &at.to_string()), ("text", &self.text), ("why", why)])
    }
}
