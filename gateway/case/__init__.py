"""What belongs together across messages: a declaration, its amendments, its cancellation, and the chain they form."""
