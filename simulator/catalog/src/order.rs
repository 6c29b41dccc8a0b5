//! In which order maps have to run, from what their lookups need.

use crate::map::TableMap;
use dwsim_model::MapId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Dependency levels of all maps, in the order of the maps.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOrder {
    /// By `depends_on` alone; a map stands one level above the highest it needs.
    levels: Vec<usize>,
    /// With the soft edges that close no circle.
    ranks: Vec<usize>,
}

impl RunOrder {
    /// Computes the levels of maps sorted by id.
    ///
    /// # Errors
    /// The maps of a circle of `depends_on`, first one repeated at the end.
    pub(crate) fn new(maps: &[Arc<TableMap>]) -> Result<Self, Vec<MapId>> {
        let index: BTreeMap<&MapId, usize> = (0..).zip(maps).map(|(at, map)| (&map.id, at)).collect();
        let targets =
            |ids: &[MapId]| -> Vec<usize> { ids.iter().filter_map(|id| index.get(id).copied()).collect() };
        let mut edges: Vec<Vec<usize>> = maps.iter().map(|map| targets(&map.depends_on)).collect();
        let levels = levels(&edges).map_err(|circle| {
            circle.into_iter().filter_map(|at| maps.get(at)).map(|map| map.id.clone()).collect::<Vec<_>>()
        })?;
        for (from, map) in maps.iter().enumerate() {
            for to in targets(&map.soft_depends_on) {
                if !reaches(&edges, to, from)
                    && let Some(own) = edges.get_mut(from)
                {
                    own.push(to);
                }
            }
        }
        let ranks = self::levels(&edges).unwrap_or_else(|_| levels.clone());
        Ok(Self { levels, ranks })
    }

    pub(crate) fn level(&self, at: usize) -> usize {
        self.levels.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn rank(&self, at: usize) -> usize {
        self.ranks.get(at).copied().unwrap_or_default()
    }
}

/// The longest way down from each node, or the nodes of a circle.
fn levels(edges: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut levels = vec![None; edges.len()];
    for start in 0..edges.len() {
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            if levels[node].is_some() {
                continue;
            }
            if let Some(target) = edges[node].get(next).copied() {
                way.push((node, next + 1));
                if let Some(begin) = way.iter().position(|(open, _)| *open == target) {
                    let mut circle: Vec<usize> = way[begin..].iter().map(|(open, _)| *open).collect();
                    circle.push(target);
                    return Err(circle);
                }
                way.push((target, 0));
            } else {
                let below = edges[node].iter().filter_map(|target| levels[*target]).max();
                levels[node] = Some(below.map_or(0, |level: usize| level + 1));
            }
        }
    }
    Ok(levels.into_iter().map(Option::unwrap_or_default).collect())
}

fn reaches(edges: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        if node == to {
            return true;
        }
        open.extend(edges[node].iter().copied().filter(|target| seen.insert(*target)));
    }
    false
}

/// Everything `root` needs, directly or not, leaving out the alternative less like `root` of each pair.
pub(crate) fn closure<'a>(root: &TableMap, find: impl Fn(&str) -> Option<&'a Arc<TableMap>>) -> Vec<MapId> {
    let left_out = |map: &TableMap| {
        map.alternative_to.as_ref().is_some_and(|other| {
            let (own, rival) = (common_start(&root.id, &map.id), common_start(&root.id, other));
            rival > own || (rival == own && *other < map.id)
        })
    };
    let mut needed = BTreeSet::new();
    let mut open: Vec<MapId> = root.depends_on.clone();
    while let Some(id) = open.pop() {
        let Some(map) = find(&id) else { continue };
        if map.id != root.id && !left_out(map) && needed.insert(map.id.clone()) {
            open.extend(map.depends_on.iter().cloned());
        }
    }
    needed.into_iter().collect()
}

fn common_start(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_longest_way_down() {
        assert_eq!(levels(&[vec![1, 2], vec![2], vec![], vec![0]]), Ok(vec![2, 1, 0, 3]));
    }

    #[test]
    fn a_circle_is_reported_with_its_nodes() {
        assert_eq!(levels(&[vec![1], vec![2], vec![1]]), Err(vec![1, 2, 1]));
        assert_eq!(levels(&[vec![0]]), Err(vec![0, 0]));
    }
}
