"""One file a page: `build(board)` puts the page's components and events into the open Blocks context."""
