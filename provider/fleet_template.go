package provider

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// FleetTemplate is what every machine of a fleet is like: the inputs of an
// Instance, without notInTemplate. The schema describes them in the Instance's
// words, and cannot be made while one is missing here.
type FleetTemplate struct {
	OS              pulumi.StringPtrInput   `pulumi:"os,optional"`
	GPUModel        pulumi.StringPtrInput   `pulumi:"gpuModel,optional"`
	GPUModels       pulumi.StringArrayInput `pulumi:"gpuModels,optional"`
	OfferID         pulumi.StringPtrInput   `pulumi:"offerId,optional"`
	GPUCount        pulumi.IntPtrInput      `pulumi:"gpuCount,optional"`
	StorageGB       pulumi.IntPtrInput      `pulumi:"storageGb,optional"`
	Country         pulumi.StringPtrInput   `pulumi:"country,optional"`
	MaxPricePerHour pulumi.StringPtrInput   `pulumi:"maxPricePerHour,optional"`
	CapacityWait    pulumi.StringPtrInput   `pulumi:"capacityWait,optional"`
	RentalHours     pulumi.IntInput         `pulumi:"rentalHours"`
	ExtensionHours  pulumi.IntPtrInput      `pulumi:"extensionHours,optional"`
	AutoRenew       pulumi.BoolPtrInput     `pulumi:"autoRenew,optional"`
	SSHKeyIDs       pulumi.StringArrayInput `pulumi:"sshKeyIds,optional"`
	WindowsPassword pulumi.StringPtrInput   `pulumi:"windowsPassword,optional"`
	DesiredStatus   pulumi.StringPtrInput   `pulumi:"desiredStatus,optional"`
	WaitFor         pulumi.StringPtrInput   `pulumi:"waitFor,optional"`
}

// notInTemplate are the inputs of an Instance that members of a fleet cannot
// share, or that the fleet gives them.
var notInTemplate = []string{"name", "group"}

// inputs are those that the program gives, each by itself: one that is not known
// yet hides no other.
func (t FleetTemplate) inputs() pulumi.Map {
	given := pulumi.Map{}
	fields := reflect.ValueOf(t)
	for i := range fields.NumField() {
		if input, ok := fields.Field(i).Interface().(pulumi.Input); ok {
			given[templateKey(fields.Type().Field(i))] = input
		}
	}
	return given
}

func templateKey(field reflect.StructField) string {
	key, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
	return key
}

// templateKeys are all inputs that a template can have.
func templateKeys() map[string]bool {
	keys := map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[FleetTemplate]()) {
		keys[templateKey(field)] = true
	}
	return keys
}
