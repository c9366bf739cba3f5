//! Folders, and the names in them: what is seen and what is durable.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use crate::{
    content::Content,
    files::{File, Survives},
    hash,
    image::{Image, Still},
};

pub(crate) type Number = u64;

/// The root folder's number.
pub(crate) const ROOT: Number = 1;

/// More nodes than this, and those without a name are looked for.
const CROWDED: usize = 64;

enum Entry {
    Is(String, Number),
    Gone(String),
    /// In one step: never both names, never none.
    Renamed(String, String, Number),
}

#[derive(Default)]
pub(crate) struct Folder {
    now: BTreeMap<String, Number>,
    synced: BTreeMap<String, Number>,
    unsynced: Vec<Entry>,
}

impl Folder {
    fn set(names: &mut BTreeMap<String, Number>, entry: &Entry) {
        match entry {
            Entry::Is(name, number) => {
                names.insert(name.clone(), *number);
            }
            Entry::Gone(name) => {
                names.remove(name);
            }
            Entry::Renamed(from, to, number) => {
                names.remove(from);
                names.insert(to.clone(), *number);
            }
        }
    }

    fn change(&mut self, entry: Entry) {
        Self::set(&mut self.now, &entry);
        self.unsynced.push(entry);
    }

    fn sync(&mut self) {
        self.synced.clone_from(&self.now);
        self.unsynced.clear();
    }

    fn after_a_cut(&self, seed: u64) -> BTreeMap<String, Number> {
        let mut left = self.synced.clone();
        let fate = Survives::of(hash(seed, 0, 0));
        for (index, entry) in self.unsynced.iter().enumerate() {
            let picked = fate.picks(seed, index, self.unsynced.len());
            if picked.is_some_and(|fate| fate.takes(seed, index as u64, 0)) {
                Self::set(&mut left, entry);
            }
        }
        left
    }
}

pub(crate) enum Node {
    File(File),
    Folder(Folder),
}

/// All nodes of a disk, also those without a name that somebody still reads.
pub(crate) struct Tree {
    nodes: BTreeMap<Number, Node>,
    next: Number,
}

/// Where a path leads: the folder it is in, its name there, and what it is.
pub(crate) struct Place<'a> {
    pub(crate) folder: Number,
    pub(crate) name: &'a str,
    pub(crate) number: Option<Number>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            nodes: BTreeMap::from([(ROOT, Node::Folder(Folder::default()))]),
            next: ROOT + 1,
        }
    }

    pub(crate) fn of(image: &Image) -> Self {
        let nodes = image.nodes.iter().map(|(number, still)| {
            let node = match still {
                Still::File(content) => Node::File(File::of(content.clone())),
                Still::Folder(names) => Node::Folder(Folder {
                    now: names.clone(),
                    synced: names.clone(),
                    unsynced: Vec::new(),
                }),
            };
            (*number, node)
        });
        Self {
            nodes: nodes.collect(),
            next: image.next,
        }
    }

    /// As it is seen now, or as it is after a power cut.
    pub(crate) fn image(&self, cut: Option<u64>) -> Image {
        let mut image = Image {
            nodes: BTreeMap::new(),
            next: self.next,
            torn: false,
        };
        let mut open = vec![ROOT];
        while let Some(number) = open.pop() {
            let still = match (self.nodes.get(&number), cut) {
                (Some(Node::Folder(folder)), cut) => {
                    let names = match cut {
                        Some(seed) => folder.after_a_cut(hash(seed, number, 1)),
                        None => folder.now.clone(),
                    };
                    open.extend(names.values().filter(|to| !image.nodes.contains_key(to)));
                    Still::Folder(names)
                }
                (Some(Node::File(file)), Some(seed)) => {
                    let (content, torn) = file.after_a_cut(hash(seed, number, 2));
                    image.torn |= torn;
                    Still::File(content)
                }
                (Some(Node::File(file)), None) => Still::File(file.now().clone()),
                (None, _) => Still::File(Content::default()),
            };
            image.nodes.insert(number, still);
        }
        image
    }

    /// Pages of all files that have a name or are open.
    pub(crate) fn pages(&self, open: impl Iterator<Item = Number>) -> usize {
        let mut used: BTreeSet<Number> = open.collect();
        for node in self.nodes.values() {
            if let Node::Folder(folder) = node {
                used.extend(folder.now.values());
            }
        }
        let count = |number: &Number| match self.nodes.get(number) {
            Some(Node::File(file)) => file.now().page_count(),
            _ => 0,
        };
        used.iter().map(count).sum()
    }

    fn folder(&mut self, number: Number) -> io::Result<&mut Folder> {
        match self.nodes.get_mut(&number) {
            Some(Node::Folder(folder)) => Ok(folder),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(crate) fn file(&mut self, number: Number) -> io::Result<&mut File> {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Folder(_)) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(crate) fn is_folder(&self, number: Number) -> bool {
        matches!(self.nodes.get(&number), Some(Node::Folder(_)))
    }

    pub(crate) fn names(&self, number: Number) -> io::Result<Vec<String>> {
        match self.nodes.get(&number) {
            Some(Node::Folder(folder)) => Ok(folder.now.keys().cloned().collect()),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// What a name in a folder leads to.
    pub(crate) fn entry(&self, folder: Number, name: &str) -> Option<Number> {
        match self.nodes.get(&folder) {
            Some(Node::Folder(folder)) => folder.now.get(name).copied(),
            _ => None,
        }
    }

    /// `path` below the root. None is the root itself.
    pub(crate) fn place<'a>(&self, path: &'a Path) -> io::Result<Option<Place<'a>>> {
        let mut place: Option<Place<'a>> = None;
        for name in path.iter() {
            let name = name.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
            let folder = match &place {
                None => ROOT,
                Some(above) => above.number.ok_or(io::ErrorKind::NotFound)?,
            };
            let number = match self.nodes.get(&folder) {
                Some(Node::Folder(names)) => names.now.get(name).copied(),
                _ => return Err(io::ErrorKind::NotADirectory.into()),
            };
            place = Some(Place {
                folder,
                name,
                number,
            });
        }
        Ok(place)
    }

    /// A new node, with a name or (for a temporary file) without.
    pub(crate) fn make(&mut self, node: Node, at: Option<(Number, &str)>) -> io::Result<Number> {
        let number = self.next;
        if let Some((folder, name)) = at {
            let entry = Entry::Is(name.to_owned(), number);
            self.folder(folder)?.change(entry);
        }
        self.next += 1;
        self.nodes.insert(number, node);
        Ok(number)
    }

    /// A durable file, whole, with the folders above it.
    pub(crate) fn put(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut above: Vec<&Path> = path.ancestors().collect();
        above.reverse();
        for part in above {
            let Some(place) = self.place(part)? else {
                continue;
            };
            let number = match place.number {
                Some(number) => number,
                None => {
                    let node = if part == path {
                        Node::File(File::default())
                    } else {
                        Node::Folder(Folder::default())
                    };
                    self.make(node, Some((place.folder, place.name)))?
                }
            };
            self.sync_folder(place.folder)?;
            if part == path {
                let file = self.file(number)?;
                file.set_length(0);
                file.write(0, bytes);
                file.sync();
            }
        }
        Ok(())
    }

    pub(crate) fn rename(&mut self, folder: Number, from: &str, to: &str) -> io::Result<()> {
        let folder = self.folder(folder)?;
        let number = *folder.now.get(from).ok_or(io::ErrorKind::NotFound)?;
        folder.change(Entry::Renamed(from.to_owned(), to.to_owned(), number));
        Ok(())
    }

    /// Takes a name away. The node stays for those who have it open and for what a power cut
    /// brings back.
    pub(crate) fn unlink(&mut self, folder: Number, name: &str) -> io::Result<()> {
        self.folder(folder)?.change(Entry::Gone(name.to_owned()));
        Ok(())
    }

    pub(crate) fn sync_folder(&mut self, number: Number) -> io::Result<()> {
        self.folder(number)?.sync();
        Ok(())
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.nodes.len() > CROWDED
    }

    /// Forgets what no name leads to any more, durable or not, and nobody has open.
    pub(crate) fn sweep(&mut self, open: impl Iterator<Item = Number>) {
        let mut kept: BTreeSet<Number> = open.chain([ROOT]).collect();
        for node in self.nodes.values() {
            let Node::Folder(folder) = node else { continue };
            kept.extend(folder.now.values().chain(folder.synced.values()));
            kept.extend(folder.unsynced.iter().filter_map(|entry| match entry {
                Entry::Is(_, number) | Entry::Renamed(_, _, number) => Some(*number),
                Entry::Gone(_) => None,
            }));
        }
        self.nodes.retain(|number, _| kept.contains(number));
    }
}
