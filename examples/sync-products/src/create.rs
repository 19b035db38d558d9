//! Creating what is missing, each thing once.
//!
//! A reply that was lost is looked up and never sent again: what is there then was made by it; what is not there may
//! still arrive, so the program ends, and a later run sees what came of it.

use futures_util::TryStreamExt;
use mpanel_client::{
    Dialect, Mpanel,
    products::{
        CreateLegacyProduct, CreatePrice, CreateProduct, GetProductByCode, ListPrices, NewProduct,
        Price, Product, ProductId, ProductKind, UpdateLegacyProduct,
    },
};
use panel_http::{Error, Kind};

use crate::{
    difference::{Difference, NewLine, State, Step, code_of},
    exit::Stop,
};

/// Creates everything that is missing. What was created until an error is marked in the table.
pub(crate) async fn missing(
    panel: &Mpanel,
    dialect: Dialect,
    difference: &mut Difference,
) -> Result<(), Stop> {
    for step in difference.steps.clone() {
        let number = match &step {
            Step::Product { line, .. } | Step::Price { line, .. } | Step::Code { line, .. } => {
                *line
            }
        };
        let made = match step {
            Step::Product {
                new,
                kind,
                has_code_columns,
                ..
            } => match dialect {
                Dialect::Legacy => legacy_product(panel, &new, kind, has_code_columns).await,
                _ => product(panel, &new, kind).await,
            },
            Step::Price { new, .. } => price(panel, &new).await,
            Step::Code { id, code, .. } => set_code(panel, ProductId::text(id), &code).await,
        };
        let Some(line) = difference.lines.get_mut(number) else {
            continue;
        };
        match made {
            Ok(made) => {
                line.state = State::Created;
                line.note = made.note.to_owned();
                line.panel_price.clone_from(&line.catalog_price);
                if let Some(id) = made.id {
                    line.product_id = Some(id.to_string());
                }
            }
            Err(stop) => {
                line.note = stop.problems.first().cloned().unwrap_or_default();
                return Err(stop);
            }
        }
    }
    Ok(())
}

/// What was made, and whether its reply had to be looked up.
struct Made {
    id: Option<ProductId>,
    note: &'static str,
}

const FOUND: &str = "the reply was lost; looked up, it is there";

fn new_product(new: &NewLine, kind: ProductKind) -> NewProduct {
    NewProduct::new(&new.code, &new.name, kind, new.price, new.interval.clone())
}

async fn legacy_product(
    panel: &Mpanel,
    new: &NewLine,
    kind: ProductKind,
    has_code_columns: bool,
) -> Result<Made, Stop> {
    let made = panel
        .call(CreateLegacyProduct(new_product(new, kind)))
        .await;
    let (row, note) = match made {
        Ok(row) => (row, ""),
        Err(error) if is_lost(&error) => {
            let rows = panel
                .products()
                .await
                .map_err(|look_up| undecided(&error, &look_up))?;
            // By its metadata alone: only this program writes them so.
            let is_ours = |row: &Product| code_of(row) == Some(new.code.as_str());
            match rows.into_iter().find(is_ours) {
                Some(row) => (row, FOUND),
                None => return Err(absent(&error)),
            }
        }
        Err(error) => return Err(Stop::of(&error, panel)),
    };
    if has_code_columns {
        set_code(panel, row.id.clone(), &new.code).await?;
    }
    Ok(Made {
        id: Some(row.id),
        note,
    })
}

/// Writes code and short name, by which order entries find a product. The server takes neither on creation.
async fn set_code(panel: &Mpanel, id: ProductId, code: &str) -> Result<Made, Stop> {
    let update = UpdateLegacyProduct::new(id.clone())
        .set_column("code", code)
        .set_column("slug", code);
    panel
        .call(update)
        .await
        .map_err(|error| Stop::of(&error, panel))?;
    Ok(Made {
        id: Some(id),
        note: "",
    })
}

async fn product(panel: &Mpanel, new: &NewLine, kind: ProductKind) -> Result<Made, Stop> {
    let made = panel.call(CreateProduct(new_product(new, kind))).await;
    let (row, note) = match made {
        Ok(row) => (row, ""),
        // Its code is its own: whoever made it meanwhile, it is there.
        Err(error) if error.kind() == Kind::Conflict => {
            let row = panel.call(GetProductByCode(new.code.clone())).await;
            let row = row.map_err(|look_up| undecided(&error, &look_up))?;
            (row, "was made meanwhile")
        }
        Err(error) if is_lost(&error) => {
            match panel.call(GetProductByCode(new.code.clone())).await {
                Ok(row) => (row, FOUND),
                Err(look_up) if look_up.kind() == Kind::NotFound => return Err(absent(&error)),
                Err(look_up) => return Err(undecided(&error, &look_up)),
            }
        }
        Err(error) => return Err(Stop::of(&error, panel)),
    };
    let priced = price(panel, new).await?;
    let note = if note.is_empty() { priced.note } else { note };
    Ok(Made {
        id: Some(row.id),
        note,
    })
}

async fn price(panel: &Mpanel, new: &NewLine) -> Result<Made, Stop> {
    let create = CreatePrice::new(&new.code, &new.name, new.interval.clone(), new.price);
    let made = |note| Made { id: None, note };
    match panel.call(create).await {
        Ok(_) => Ok(made("")),
        Err(error) if is_lost(&error) || error.kind() == Kind::Conflict => {
            let is_it = |price: &Price| {
                price.interval.as_ref() == Some(&new.interval) && price.amount() == Some(new.price)
            };
            let mut prices = panel.list(ListPrices(new.code.clone())).items();
            loop {
                match prices.try_next().await {
                    Ok(Some(price)) if is_it(&price) => return Ok(made(FOUND)),
                    Ok(Some(_)) => {}
                    Ok(None) if error.kind() == Kind::Conflict => {
                        return Err(Stop::of(&error, panel));
                    }
                    Ok(None) => return Err(absent(&error)),
                    Err(look_up) => return Err(undecided(&error, &look_up)),
                }
            }
        }
        Err(error) => Err(Stop::of(&error, panel)),
    }
}

/// Whether it may have been carried out.
fn is_lost(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Indeterminate | Kind::Decode | Kind::TooLarge
    )
}

/// Not there after a lost reply: it may still arrive.
fn absent(error: &Error) -> Stop {
    Stop::not_finished(format!(
        "{error}; looked up, it is not there yet: run this again in some minutes, nothing is sent twice before"
    ))
}

fn undecided(error: &Error, look_up: &Error) -> Stop {
    Stop::not_finished(format!(
        "{error}; it could not be looked up ({look_up}): run this again, it looks before it creates"
    ))
}
