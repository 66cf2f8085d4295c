import pulumi
import pulumi_pictor as pictor

workstation = pictor.Instance(
    "workstation",
    os="windows",
    storage_gb=200,
    rental_hours=168,
)

pulumi.export("address", workstation.connection.host)
pulumi.export("user", workstation.connection.username)
pulumi.export("password", workstation.windows_password)
