//! What programs build upon a client: one idea a file. The client knows nothing of it.
