import pulumi
import pulumi_pictor as pictor


def trainer(auto_renew: bool | None = None) -> dict[str, pulumi.Output]:
    """The program: one RTX 4090 for a day at a time. The tests run it as it is."""
    instance = pictor.Instance(
        "trainer",
        gpu_model="RTX 4090",
        max_price_per_hour="0.50",
        rental_hours=24,
        auto_renew=auto_renew,
    )
    return {
        "machine": instance.name,
        "login": instance.connection.command,
        "expiresAt": instance.expires_at,
    }
