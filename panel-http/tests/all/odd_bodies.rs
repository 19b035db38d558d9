//! Bodies that are not quite JSON, on real sockets.

use panel_http::{Error, Kind, Page};

use crate::{
    endpoints::{Account, ListAccounts, Suspend, builder},
    loopback::{Act, Server, reply},
};

async fn listed(body: impl AsRef<[u8]>) -> Result<Vec<Account>, Error> {
    let headers = "content-type: application/json\r\n";
    let server = Server::start(vec![Act::Answer(reply("200 OK", headers, body))]).await;
    builder(&server.base())
        .build()
        .unwrap()
        .call(&ListAccounts { limit: None })
        .await
}

fn nested(levels: usize) -> String {
    format!(
        r#"[{{"id":1,"more":{}{}}}]"#,
        "[".repeat(levels),
        "]".repeat(levels)
    )
}

#[tokio::test]
async fn what_can_be_read_is_read() {
    for body in [
        "\u{feff}[{\"id\":1}]".to_owned(),
        "\r\n [ { \"id\" : 1 } ]\n\n".to_owned(),
        nested(100),
        // What no row asks for is passed over however deep it is.
        nested(100_000),
        "[{\"id\":1,\"name\":\"\\ud83d\\ude00\u{0}\"}]".replace('\u{0}', "\\u0000"),
    ] {
        assert_eq!(listed(&body).await.unwrap(), [Account { id: 1 }]);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_with_its_place() {
    for body in [
        &b"[{\"id\":1,\"name\":\"\xff\xfe\"}]"[..],
        b"[{\"id\":NaN}]",
        b"[{\"id\":1,\"load\":Infinity}]",
        b"[{\"id\":1,\"load\":-Infinity}]",
        b"[{\"id\":1},",
        b"[{\"id\":1}]]",
        b"[{\"id\":1,\"id\":2}]",
        b"[{\"id\":1e400}]",
        b"",
        b"OK",
        b"<!doctype html><title>Sign in</title>",
    ] {
        let Err(error) = listed(body).await else {
            panic!("{} was read", String::from_utf8_lossy(body));
        };
        assert_eq!(error.kind(), Kind::Decode);
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.attempts().len(), 1, "reading it again helps nobody");
    }
}

#[tokio::test]
async fn no_content_with_a_json_content_type_is_no_content() {
    let bytes = b"HTTP/1.1 204 No Content\r\ncontent-type: application/json\r\n\r\n".to_vec();
    let server = Server::start(vec![Act::Answer(bytes)]).await;
    let client = builder(&server.base()).build().unwrap();
    client.call(&Suspend::seven()).await.unwrap();
    client.call(&Suspend::seven()).await.unwrap();
    let error = client
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}

#[test]
fn of_duplicate_members_of_an_envelope_the_last_number_and_the_first_list_count() {
    let text = r#"{"total":1,"data":[1],"total":2,"data":[3]}"#;
    let page: Page<u32> = serde_json::from_str(text).unwrap();
    assert_eq!((page.items, page.total), (vec![1], Some(2)));
}
