"""SPF (RFC 7208): who may send for a domain, judged and explained over `Names`."""
