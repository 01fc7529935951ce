//! Recorded exchanges with real servers (`tests/vectors/urs-http-*.txt`).

use super::http::Request;

/// One recorded request and its answer.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    pub title: String,
    pub request: Request,
    /// The recording client's clock, in ms since 1970.
    pub time: u64,
    pub status: u16,
    pub content_type: String,
    pub date: String,
    pub body: String,
}

pub fn parse(text: &str) -> Vec<Exchange> {
    format!("\n{text}").split("\n### ").skip(1).map(exchange).collect()
}

fn exchange(text: &str) -> Exchange {
    let mut exchange = Exchange { title: text.lines().next().unwrap_or("").to_owned(), ..Exchange::default() };
    let (head, body) = text.split_once("\n# response body:\n").expect("a response body");
    exchange.body = body.split("\n\n#").next().unwrap_or("").trim_end().to_owned();
    for line in head.lines().skip(1) {
        if let Some(rest) = line.strip_prefix("# request body: ") {
            exchange.request.body = rest.to_owned();
        } else if let Some((_, rest)) = line.split_once("client-time-ms=") {
            exchange.time = rest.trim().parse().expect("a time");
        } else if let Some(request) = line.strip_prefix("> ").and_then(|line| line.strip_suffix(" HTTP/1.1")) {
            let (method, target) = request.split_once(' ').expect("a request line");
            let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
            exchange.request.method = method.into();
            exchange.request.path = path.into();
            exchange.request.query = query.map(str::to_owned);
        } else if let Some(session) = line.strip_prefix("> Session-Id: ") {
            exchange.request.session = Some(session.to_owned());
        } else if let Some(status) = line.strip_prefix("< HTTP/1.1 ") {
            exchange.status = status[..3].parse().expect("a status");
        } else if let Some(content_type) = line.strip_prefix("< Content-Type: ") {
            exchange.content_type = content_type.to_owned();
        } else if let Some(date) = line.strip_prefix("< Date: ") {
            exchange.date = date.to_owned();
        }
    }
    exchange
}
