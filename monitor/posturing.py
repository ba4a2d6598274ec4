"""The side task that keeps mail domains and gateways under watch (docs/posture.md)."""
